// SPDX-License-Identifier: Apache-2.0
#include "tests/support/radosgw.hpp"

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <random>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "net/curl_client.hpp"
#include "sign/sigv4.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::test {
namespace {

constexpr auto kBound = std::chrono::seconds(30);

std::string random_uuid() {
  std::random_device device;
  auto word = [&] { return device() & 0xFFFFU; };
  return fmt::format("{:04x}{:04x}-{:04x}-4{:03x}-8{:03x}-{:04x}{:04x}{:04x}", word(), word(), word(),
                     word() & 0xFFF, word() & 0xFFF, word(), word(), word());
}

/// No authentication between the parts, no managers, no background work: all that a peer in a test does not
/// need.
constexpr std::string_view kConfig = R"([global]
fsid = {fsid}
mon_host = [v2:127.0.0.1:{monitor}]
mon_initial_members = a
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
ms_mon_service_mode = crc
ms_mon_cluster_mode = crc
ms_bind_msgr1 = false
ms_bind_ipv6 = false
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
run_dir = {dir}
log_file = {dir}/$name.log
mon_cluster_log_file = {dir}/cluster.log
keyring = {dir}/keyring
admin_socket =
log_to_stderr = false
mon_allow_pool_size_one = true
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = 1073741824
paxos_propose_interval = 0.05
paxos_min_wait = 0.02
[mon.a]
mon_data = {dir}/mon
[osd.0]
osd_data = {dir}/osd
[client.rgw]
rgw_data = {dir}/rgw
rgw_frontends = beast endpoint=127.0.0.1:{gateway} tcp_nodelay=1
rgw_dns_name = {name}
rgw_thread_pool_size = 16
rgw_run_sync_thread = false
rgw_enable_gc_threads = false
rgw_enable_lc_threads = false
rgw_enable_quota_threads = false
)";

std::string end_of(const std::string& text) {
  return text.size() > 600 ? text.substr(text.size() - 600) : text;
}

SharedRadosgw begin_shared(std::unique_ptr<Radosgw>& owner) {
  const char* required = getenv("POLLUX_REQUIRE_PEERS");
  bool must = required != nullptr && std::string_view(required) == "1";
  auto missing = Radosgw::missing_programs();
  if (!missing.empty()) {
    return {nullptr, fmt::format("no S3 server to test against: {} not installed", fmt::join(missing, ", ")),
            must};
  }
  auto started = Radosgw::start();
  if (!started) return {nullptr, "radosgw did not start: " + started.error().message, true};
  owner = std::move(*started);
  return {owner.get(), "", false};
}

}  // namespace

std::vector<std::string> Radosgw::missing_programs() {
  std::vector<std::string> out;
  for (const char* name : {"monmaptool", "ceph-mon", "ceph-osd", "ceph", "radosgw-admin", "radosgw"}) {
    if (!find_program(name)) out.emplace_back(name);
  }
  return out;
}

Result<std::unique_ptr<Radosgw>> Radosgw::start(const std::string& name) {
  Result<void> booted;
  for (int attempt = 0; attempt < 3; ++attempt) {
    std::unique_ptr<Radosgw> server(new Radosgw(name));
    booted = server->boot();
    if (booted) return server;
  }
  return std::unexpected(booted.error());
}

Radosgw::Radosgw(std::string name)
    : name_(std::move(name)), fsid_(random_uuid()), monitor_port_(free_port()), port_(free_port()) {}

// The gateway first: it would wait for the others. Killed, not asked: nothing here is worth six seconds of
// goodbye.
Radosgw::~Radosgw() {
  gateway_.reset();
  osd_.reset();
  monitor_.reset();
}

std::string Radosgw::endpoint() const { return fmt::format("http://127.0.0.1:{}", port_); }

Result<void> Radosgw::boot() {
  write_config();
  for (auto step :
       {&Radosgw::start_monitor, &Radosgw::start_osd, &Radosgw::create_user, &Radosgw::start_gateway}) {
    if (auto done = (this->*step)(); !done) return done;
  }
  return {};
}

void Radosgw::write_config() {
  for (const char* folder : {"mon", "osd", "rgw"}) std::filesystem::create_directories(dir_ / folder);
  dir_.write("ceph.conf", fmt::format(kConfig, fmt::arg("fsid", fsid_), fmt::arg("monitor", monitor_port_),
                                      fmt::arg("gateway", port_), fmt::arg("name", name_),
                                      fmt::arg("dir", dir_.path().string())));
}

Result<void> Radosgw::start_monitor() {
  auto map = (dir_ / "monmap").string();
  auto address = fmt::format("[v2:127.0.0.1:{}]", monitor_port_);
  if (auto done = run({"monmaptool", "--create", "--fsid", fsid_, "--addv", "a", address, map}); !done)
    return done;
  if (auto done = run({"ceph-mon", "--mkfs", "-i", "a", "--monmap", map}); !done) return done;
  monitor_ = spawn({"ceph-mon", "-i", "a", "-f"});
  bool up = eventually([&] { return listening(monitor_port_) || !monitor_->running(); }, kBound);
  if (up && monitor_->running()) return {};
  return fail(ErrorKind::kInternal, "ceph-mon: " + end_of(monitor_->err()));
}

Result<void> Radosgw::start_osd() {
  auto uuid = random_uuid();
  if (auto done = run({"ceph", "--connect-timeout", "20", "osd", "new", uuid, "0"}); !done) return done;
  if (auto done = run({"ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", uuid}); !done) return done;
  osd_ = spawn({"ceph-osd", "-i", "0", "-f"});
  return {};
}

/// Also waits, inside, until the object store is up.
Result<void> Radosgw::create_user() {
  return run({"radosgw-admin", "-n", "client.rgw", "user", "create", "--uid=pollux", "--display-name=pollux",
              "--access-key=" + access_key_, "--secret=" + secret_key_.reveal()});
}

Result<void> Radosgw::start_gateway() {
  gateway_ = spawn({"radosgw", "-n", "client.rgw", "-f"});
  bool up = eventually([&] { return listening(port_) || !gateway_->running(); }, kBound);
  if (up && gateway_->running()) return {};
  return fail(ErrorKind::kInternal, "radosgw: " + end_of(gateway_->err()));
}

std::unique_ptr<Process> Radosgw::spawn(std::vector<std::string> argv) {
  argv.insert(argv.begin() + 1, {"-c", (dir_ / "ceph.conf").string()});
  return std::make_unique<Process>(Process::Options{std::move(argv), {}, dir_.path()});
}

/// Each with a bound: a tool that finds no monitor would wait for ever.
Result<void> Radosgw::run(std::vector<std::string> argv) {
  auto name = argv.front();
  if (name == "monmaptool") {
    auto done = run_program({std::move(argv), {}, dir_.path()}, kBound);
    if (done.exit == 0) return {};
    return fail(ErrorKind::kInternal, fmt::format("{}: exit {}: {}", name, done.exit, end_of(done.err)));
  }
  auto process = spawn(std::move(argv));
  auto exit = process->wait(kBound);
  if (exit == 0) return {};
  auto why = exit ? fmt::format("exit {}", *exit) : "did not end in time";
  return fail(ErrorKind::kInternal,
              fmt::format("{}: {}: {}", name, why, end_of(process->err() + process->out())));
}

Result<void> Radosgw::create_bucket(const std::string& bucket) { return admin(bucket, "", ""); }

Result<void> Radosgw::allow_public_read(const std::string& bucket) {
  return admin(bucket, "policy",
               fmt::format(R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*",)"
                           R"("Action":["s3:GetObject"],"Resource":["arn:aws:s3:::{}/*"]}}]}})",
                           bucket));
}

Result<void> Radosgw::allow_origins(const std::string& bucket, const std::vector<std::string>& origins) {
  std::string allowed;
  for (const auto& origin : origins) allowed += "<AllowedOrigin>" + origin + "</AllowedOrigin>";
  return admin(bucket, "cors",
               "<CORSConfiguration><CORSRule>" + allowed +
                   "<AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod><AllowedHeader>*"
                   "</AllowedHeader><ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>");
}

config::S3Store Radosgw::store(const std::string& bucket) const {
  config::S3Store out;
  out.bucket = bucket;
  out.endpoint = endpoint();
  out.access_key_id = access_key_;
  out.secret_access_key = secret_key_;
  return out;
}

Result<void> Radosgw::admin(const std::string& bucket, const std::string& query, const std::string& body) {
  asio::io_context io;
  net::CurlClient client(io);
  sign::Signer signer({access_key_, secret_key_, std::nullopt}, {"us-east-1", "s3"},
                      sign::SigningRules::s3());
  auto path = "/" + bucket;
  auto hash = sha256_hex(body);
  net::HttpRequest request;
  request.method = "PUT";
  request.url = endpoint() + path + (query.empty() ? "" : "?" + query);
  request.body = body;
  net::Headers host{{"Host", fmt::format("127.0.0.1:{}", port_)}};
  request.headers = signer.sign({"PUT", path, query, std::move(host), hash}, SystemClock().now());
  auto answer = run_task(io, client.send(std::move(request)));
  if (!answer) return std::unexpected(answer.error());
  if (answer->status / 100 == 2) return {};
  return fail(ErrorKind::kInternal,
              fmt::format("PUT {}?{}: {} {}", path, query, answer->status, answer->body));
}

const SharedRadosgw& shared_radosgw() {
  static std::unique_ptr<Radosgw> owner;
  static const SharedRadosgw shared = begin_shared(owner);
  return shared;
}

}  // namespace pollux::test

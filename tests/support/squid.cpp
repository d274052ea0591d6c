// SPDX-License-Identifier: Apache-2.0
#include "tests/support/squid.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <sstream>
#include <stdexcept>

#include "base/encoding.hpp"

namespace pollux::test {
namespace {

// basic_ncsa_auth takes crypt(3) and, for old times' sake, plain MD5, which needs no library of its own.
std::string hashed(const std::string& password) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(password.data(), password.size(), digest, &size, EVP_md5(), nullptr);
  return hex({reinterpret_cast<const char*>(digest), size});
}

}  // namespace

Squid::Squid(const Options& options) {
  // Squid gives up root's rights, and must read and write here all the same.
  std::filesystem::permissions(dir_.path(), std::filesystem::perms::all);
  for (int attempt = 0; attempt < 3; ++attempt) {
    port_ = free_port();
    tls_port_ = free_port();
    dir_.write("squid.conf", config(options));
    auto program = find_program("squid").value_or("squid");
    process_ = std::make_unique<Process>(
        Process::Options{{program.string(), "-N", "-f", (dir_ / "squid.conf").string()}, {}, dir_.path()});
    eventually([&] { return listening(port_) || !process_->running(); });
    if (process_->running()) return;
  }
  throw std::runtime_error("squid did not start: " + process_->err() + read_text(dir_ / "cache.log"));
}

std::string Squid::config(const Options& options) const {
  const std::string dir = dir_.path().string();
  std::string hosts;
  for (const std::string& name : options.names) hosts += "127.0.0.1 " + name + "\n";
  dir_.write("hosts", hosts);
  std::string out = fmt::format(
      "http_port 127.0.0.1:{}\npid_filename none\ncache deny all\ncache_log {}/cache.log\n"
      "logformat seen %Ss/%03>Hs %rm %ru %un\naccess_log stdio:{}/access.log logformat=seen\n"
      "hosts_file {}/hosts\ncoredump_dir {}\nvisible_hostname egress.test\nshutdown_lifetime 0 seconds\n"
      "dns_nameservers 127.0.0.1\nmemory_pools off\ncache_mem 1 MB\nworkers 1\npinger_enable off\n"
      "buffered_logs off\nforwarded_for delete\n",
      port_, dir, dir, dir, dir);
  if (!options.server.certificate.empty()) {
    dir_.write("server.pem", options.server.certificate + options.server.key);
    out += fmt::format("https_port 127.0.0.1:{} tls-cert={}/server.pem\n", tls_port_, dir);
  }
  if (!options.user.empty()) {
    dir_.write("users", options.user + ":" + hashed(options.password) + "\n");
    out += fmt::format(
        "auth_param basic program /usr/lib/squid/basic_ncsa_auth {}/users\n"
        "auth_param basic children 1 startup=1\nauth_param basic realm egress\n"
        "acl known proxy_auth REQUIRED\n",
        dir);
  }
  for (const std::string& domain : options.denied) out += "acl denied dstdomain " + domain + "\n";
  if (!options.denied.empty()) out += "http_access deny denied\n";
  // The address is judged before the user is: a name is needed first, or Squid asks nobody who they are.
  out += options.user.empty() ? "http_access allow all\n" : "http_access allow known\nhttp_access deny all\n";
  return out;
}

std::vector<std::string> Squid::seen(std::size_t least) const {
  std::vector<std::string> out;
  eventually(
      [&] {
        out.clear();
        std::istringstream lines(read_text(dir_ / "access.log"));
        for (std::string line; std::getline(lines, line);) out.push_back(line);
        return out.size() >= least;
      },
      std::chrono::seconds(10));
  return out;
}

}  // namespace pollux::test

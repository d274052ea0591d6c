// SPDX-License-Identifier: Apache-2.0
// Any bytes as egress.yaml and as the values of the variables in its place: a proxy with clients, of whom
// each is denied what nobody allows, or faults that can be printed and show no secret.
#include <cstdint>
#include <cstdlib>
#include <expected>

#include "egress/file/egress_file.hpp"

namespace {

using namespace pollux;
using namespace pollux::egress;

constexpr std::string_view kSecret = "S3CR3T-value";

void must(bool holds) {
  if (!holds) std::abort();
}

// A line for each variable; of a file all of it.
config::Environment environment_of(const std::string& text, bool of_lines) {
  config::Environment out;
  out.variable = [text, of_lines](const std::string& name) -> std::optional<std::string> {
    if (name == "KEY" || name == "PROXY_PASSWORD") return std::string(kSecret);
    if (!of_lines) return std::nullopt;
    const std::vector<std::string> order{"PROXY_ALLOW", "PROXY_DENY", "PROXY_PORTS", "PROXY_USERNAME",
                                         "PORT"};
    std::string_view rest = text;
    for (const std::string& one : order) {
      const auto end = std::min(rest.find('\n'), rest.size());
      if (one == name) return std::string(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return std::nullopt;
  };
  out.read = [text](const std::filesystem::path& path) -> Result<std::string> {
    if (path == "egress.yaml") return text;
    if (path == "f") return std::string(kSecret);
    if (path == "a.acl") return std::string("*.example.gov\n10.1.0.0/16:443\n");
    return fail(ErrorKind::kUsage, "not there");
  };
  return out;
}

config::Fault said_of(const std::filesystem::path& file, const std::string& what) {
  config::Fault out;
  out.file = file;
  out.found = what;
  return out;
}

// The files that `for` may name: a poller that comes as two users, one without a name, and one with a fault.
std::expected<PollerNeeds, std::vector<config::Fault>> poller_at(const std::filesystem::path& path) {
  PollerNeeds out;
  out.file = path;
  out.proxy = "127.0.0.1:3128";
  auto visitor = [](std::string user, const char* host) {
    PollerNeeds::Visitor made{std::move(user), {}, {*parse_rule(host)}};
    if (!made.user.empty()) made.password = Secret(std::string(kSecret));
    return made;
  };
  if (path.filename() == "two.yaml") {
    out.visitors = {visitor("u", "a.example:443"), visitor("v", "b.example:443")};
    out.secrets = {Secret(std::string(kSecret))};
    out.warnings = {said_of(path, "works, and is worth a look")};
  } else if (path.filename() == "f") {
    out.visitors = {visitor("", "a.example:443")};
    out.methods = {boost::beast::http::verb::post};
  } else {
    return std::unexpected(std::vector{said_of(path, "is not there")});
  }
  return out;
}

void check(const std::expected<LoadedEgress, EgressFaults>& loaded, bool literal) {
  if (!loaded) {
    must(!loaded.error().empty());
    for (const config::Fault& fault : loaded.error()) {
      must(!fault.text().empty());
      must(literal || fault.text().find(kSecret) == std::string::npos);
    }
    return;
  }
  const EgressFile& file = loaded->file;
  must(!file.clients.empty() && file.listen.port != 0);
  static const Target kPrivate = parse_authority("169.254.169.254:80").value();
  for (const ProxyClient& client : file.clients) {
    must(!client.policy.name.empty() && client.user.empty() == client.password.empty());
    const Decision decision = judge_target(client.policy, kPrivate);
    // Only a rule that speaks of the address itself opens it.
    must(!decision.passes() || decision.rule.contains("169.254"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const bool literal = text.contains(kSecret);
  check(load_egress("egress.yaml", environment_of(text, false), poller_at), literal);
  check(egress_of(environment_of(text, true)), literal);
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/server_name.hpp"

#include "egress/policy/host_name.hpp"

namespace pollux::egress {
namespace {

// As the log may have it: whoever sent it chose every byte of it.
std::string fit_for_log(std::string_view sent) {
  constexpr std::size_t kLongest = 253;  // of a name (RFC 1035, 2.3.4)
  std::string out(sent.substr(0, kLongest));
  for (char& c : out) {
    if (c <= ' ' || c > '~') c = '?';
  }
  if (sent.size() > kLongest) out += "...";
  return out;
}

bool is_for(const Target& target, const std::string& server_name) {
  if (target.address) return IpAddress::parse(server_name) == target.address;
  // The case is all that may differ: another spelling, a dot at the end, is another name to somebody.
  return canonical_name(server_name) == target.host;
}

std::optional<SniFault> fault_of(SniCheck how, const Target& target, const SeenHello& hello) {
  if (!hello) return hello.error();
  if (!hello->server_name && !target.address) return SniFault::kNoName;
  if (hello->server_name && !is_for(target, *hello->server_name)) return SniFault::kOtherName;
  // Of an encrypted hello this is the outer name, the front end's; the inner one nobody sees but that. It
  // cannot be denied to all: browsers send the same extension with random bytes in it to every server
  // (GREASE, RFC 9849, 6.2), made so that nobody can tell. Of a host that is no front end for others its own
  // name is all there is; who allows front ends, and has clients that need no GREASE (libcurl on OpenSSL
  // sends none), has `strict`.
  if (hello->encrypted && how == SniCheck::kStrict) return SniFault::kEncrypted;
  return std::nullopt;
}

}  // namespace

bool checks_hello(const Client& client, const Target& target) {
  return client.sni != SniCheck::kAny && client.sni_ports.contains(target.port);
}

std::optional<Decision> judge_hello(const Client& client, const Target& target, const SeenHello& hello,
                                    const Decision& of_target) {
  if (!checks_hello(client, target)) return std::nullopt;
  const auto fault = fault_of(client.sni, target, hello);
  if (!fault) return std::nullopt;
  Decision out;
  out.verdict = client.mode == Mode::kReport ? Verdict::kWouldDeny : Verdict::kDeny;
  out.client = client.name;
  out.reason = Reason::kSni;
  out.sni = *fault;
  out.address = of_target.address;
  if (!hello || !hello->server_name) return out;
  out.server_name = fit_for_log(*hello->server_name);
  // In every mode: somebody has ruled that name out.
  const auto name = canonical_name(*hello->server_name);
  const Rule* rule = name ? client.deny.of_name(*name, target.port) : nullptr;
  if (rule != nullptr) {
    out.verdict = Verdict::kDeny;
    out.rule = rule->written;
    out.place = rule->place;
  }
  return out;
}

}  // namespace pollux::egress

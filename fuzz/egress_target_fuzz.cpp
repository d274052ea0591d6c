// SPDX-License-Identifier: Apache-2.0
// Any bytes as target, as list and as what a resolver answers. Whatever is let through has a host in its only
// form, which no C library takes for another address; a list's rules read themselves again; and a client that
// may reach every name and 0.0.0.0/0 and ::/0 is connected to nothing that is not public, by a judge that is
// written anew here.
//
// The input: a line for the target, a line for the mode (`r`: report), the answer's addresses as bytes until
// a line of `-`, then the deny list.
#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "egress/policy/acl_text.hpp"
#include "egress/policy/policy.hpp"

namespace {

using namespace pollux;
using namespace pollux::egress;

void must(bool holds) {
  if (!holds) std::abort();
}

std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const std::string_view out = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}

bool public_v4(const std::uint8_t* b) {
  if (b[0] == 0 || b[0] == 10 || b[0] == 127 || b[0] >= 224) return false;
  if (b[0] == 100 && b[1] >= 64 && b[1] < 128) return false;
  if (b[0] == 169 && b[1] == 254) return false;
  if (b[0] == 172 && b[1] >= 16 && b[1] < 32) return false;
  if (b[0] == 192 && b[1] == 168) return false;
  if (b[0] == 192 && b[1] == 0 && (b[2] == 0 || b[2] == 2)) return false;
  if (b[0] == 192 && b[1] == 88 && b[2] == 99) return false;
  if (b[0] == 198 && (b[1] == 18 || b[1] == 19)) return false;
  if (b[0] == 198 && b[1] == 51 && b[2] == 100) return false;
  if (b[0] == 203 && b[1] == 0 && b[2] == 113) return false;
  return !(b[0] == 168 && b[1] == 63 && b[2] == 129 && b[3] == 16);
}

bool is_public(const IpAddress& address) {
  const std::uint8_t* b = address.bytes().data();
  if (address.is_v4()) return public_v4(b);
  if (b[0] < 0x20 || b[0] > 0x3F) return false;
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] < 2) return false;
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0D && b[3] == 0xB8) return false;
  if (b[0] == 0x20 && b[1] == 0x02) return false;
  if (b[0] == 0x3F && b[1] == 0xFF && b[2] < 0x10) return false;
  const bool isatap = (b[8] == 0 || b[8] == 2) && b[9] == 0 && b[10] == 0x5E && b[11] == 0xFE;
  return !isatap || public_v4(b + 12);
}

void check_target(const Target& target) {
  must(target.port != 0 && !target.host.empty());
  auto again = parse_authority(target.authority());
  must(again.has_value() && *again == target);
  auto url = parse_http_url("http://" + target.authority() + "/");
  must(url.has_value() && url->target == target);
  if (target.is_address()) return;
  in_addr any{};
  must(inet_aton(target.host.c_str(), &any) == 0);
  must(target.host.size() <= 253 && !target.host.ends_with('.'));
  must(target.host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == target.host.npos);
}

void check_rules(const AclRules& read) {
  // A fault goes into a log: one line, and not a long one.
  for (const AclFault& fault : read.faults) {
    must(fault.message.size() < 1000);
    must(std::ranges::none_of(fault.message, [](unsigned char c) { return c < 0x20 || c == 0x7F; }));
  }
  for (const Rule& rule : read.rules) {
    auto again = parse_rule(rule.text());
    must(again.has_value() && again->text() == rule.text());
  }
}

std::vector<IpAddress> take_addresses(std::string_view bytes) {
  std::vector<IpAddress> out;
  while (!bytes.empty()) {
    const bool v4 = bytes.front() % 2 == 0;
    bytes.remove_prefix(1);
    std::array<std::uint8_t, 16> raw{};
    const std::size_t size = std::min<std::size_t>(v4 ? 4 : 16, bytes.size());
    std::copy_n(bytes.begin(), size, raw.begin());
    bytes.remove_prefix(size);
    out.push_back(v4 ? IpAddress::v4({raw[0], raw[1], raw[2], raw[3]}) : IpAddress::v6(raw));
  }
  return out;
}

void check_judge(const Target& target, Mode mode, const std::vector<Rule>& denied,
                 std::vector<IpAddress> addresses) {
  static const RuleSet kAllow =
      RuleSet::allow(parse_acl_value("0.0.0.0/0 ::/0 *.com *.example localhost a:1-65535", "allow").rules);
  const Client client{"c", kAllow, RuleSet::deny(denied), mode};
  const Decision first = judge_target(client, target);
  if (target.is_address()) addresses.push_back(*target.address);
  const Resolved resolved = judge_addresses(client, target, addresses, first);
  for (const IpAddress& address : resolved.usable) {
    must(is_public(address));
    must(client.deny.of_address(address, target.port, RuleSet::Meant::kAny) == nullptr);
    must(target.is_address() || first.passes());
  }
  const Rule* rule = target.is_address() ? nullptr : client.deny.of_name(target.host, target.port);
  if (rule != nullptr) must(!first.passes() && resolved.usable.empty() && first.reason == Reason::kDenyRule);
  if (mode == Mode::kEnforce) must(resolved.decision.verdict != Verdict::kWouldDeny);
  must(!resolved.decision.text().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view target = take_line(text);
  const Mode mode = take_line(text).starts_with('r') ? Mode::kReport : Mode::kEnforce;
  const auto end = std::min(text.find("-\n"), text.size());
  const std::vector<IpAddress> addresses = take_addresses(text.substr(0, end));
  text.remove_prefix(std::min(end + 2, text.size()));
  AclRules denied = parse_acl_file(text, "f");
  check_rules(denied);
  check_rules(parse_acl_value(text, "v"));
  if (auto parsed = parse_authority(target)) {
    check_target(*parsed);
    check_judge(*parsed, mode, denied.rules, addresses);
  }
  if (auto parsed = parse_http_url(target)) {
    check_target(parsed->target);
    must(parsed->origin_form.starts_with('/'));
    check_judge(parsed->target, mode, denied.rules, addresses);
  }
  return 0;
}

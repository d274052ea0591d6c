// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/policy.hpp"

namespace pollux::egress {
namespace {

using Meant = RuleSet::Meant;

Decision decide(const Client& client, Verdict verdict, Reason reason, const Rule* rule = nullptr) {
  Decision out;
  out.verdict = verdict;
  out.client = client.name;
  out.reason = reason;
  if (rule != nullptr) {
    out.rule = rule->written;
    out.place = rule->place;
  }
  return out;
}

// What an allow list lacks: the only kind of no that report lets pass.
Decision lacking(const Client& client, Reason reason) {
  return decide(client, client.mode == Mode::kReport ? Verdict::kWouldDeny : Verdict::kDeny, reason);
}

// The address and what it carries: who connects to the one may reach the others.
std::vector<IpAddress> all_of(const IpAddress& address) {
  std::vector<IpAddress> out = carried_by(address);
  out.insert(out.begin(), address);
  return out;
}

// The no's that hold for an address whatever led to it.
std::optional<Decision> refusal(const Client& client, const IpAddress& address, std::uint16_t port) {
  const auto parts = all_of(address);
  for (const IpAddress& part : parts) {
    if (const Rule* rule = client.deny.of_address(part, port, Meant::kAny)) {
      Decision out = decide(client, Verdict::kDeny, Reason::kDenyRule, rule);
      out.address = address;
      return out;
    }
  }
  for (const IpAddress& part : parts) {
    const AddressClass what = class_of(part);
    if (what == AddressClass::kPublic || client.allow.of_address(part, port, Meant::kOnly) != nullptr)
      continue;
    Decision out = decide(client, Verdict::kDeny, Reason::kNotPublic);
    out.address = address;
    out.is = what;
    return out;
  }
  return std::nullopt;
}

Decision judge_literal(const Client& client, const IpAddress& address, std::uint16_t port) {
  if (auto no = refusal(client, address, port)) return *no;
  const Rule* rule = client.allow.of_address(address, port, Meant::kOnly);
  const bool other_port = client.allow.of_address(address, Meant::kOnly) != nullptr;
  Decision out = rule != nullptr ? decide(client, Verdict::kAllow, Reason::kAllowed, rule)
                                 : lacking(client, other_port ? Reason::kPort : Reason::kNotAllowed);
  out.address = address;
  return out;
}

}  // namespace

Decision judge_malformed(const Client& client, TargetFault fault) {
  Decision out = decide(client, Verdict::kDeny, Reason::kMalformed);
  out.malformed = fault;
  return out;
}

Decision judge_target(const Client& client, const Target& target) {
  if (target.address) return judge_literal(client, *target.address, target.port);
  if (const Rule* rule = client.deny.of_name(target.host, target.port))
    return decide(client, Verdict::kDeny, Reason::kDenyRule, rule);
  if (const Rule* rule = client.allow.of_name(target.host, target.port))
    return decide(client, Verdict::kAllow, Reason::kAllowed, rule);
  return lacking(client, client.allow.of_name(target.host) != nullptr ? Reason::kPort : Reason::kNotAllowed);
}

Decision judge_address(const Client& client, const Target& target, const IpAddress& address,
                       const Decision& of_target) {
  // An address leads to itself: for any other one it would have to be judged anew, as what it is.
  if (target.address) return judge_literal(client, address, target.port);
  Decision out = of_target;
  out.address = address;
  if (!of_target.passes()) return out;
  if (auto no = refusal(client, address, target.port)) return *no;
  return out;
}

Resolved judge_addresses(const Client& client, const Target& target, std::span<const IpAddress> addresses,
                         const Decision& of_target) {
  Resolved out{of_target, {}};
  bool any = false;
  for (const IpAddress& address : addresses) {
    Decision decision = judge_address(client, target, address, of_target);
    const bool passes = decision.passes();
    if (!any || (passes && out.usable.empty())) out.decision = std::move(decision);
    if (passes) out.usable.push_back(address);
    any = true;
  }
  return out;
}

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAllow:
      return "allow";
    case Verdict::kWouldDeny:
      return "would_deny";
    case Verdict::kDeny:
      break;
  }
  return "deny";
}

std::string_view name(Reason reason) {
  switch (reason) {
    case Reason::kNotAllowed:
      return "not_allowed";
    case Reason::kPort:
      return "port";
    case Reason::kDenyRule:
      return "deny_rule";
    case Reason::kNotPublic:
      return "not_public";
    case Reason::kMalformed:
      return "malformed";
    case Reason::kSni:
      return "sni";
    case Reason::kAllowed:
      break;
  }
  return "allowed";
}

std::string_view name(Mode mode) { return mode == Mode::kReport ? "report" : "enforce"; }

std::string Decision::text() const {
  switch (reason) {
    case Reason::kAllowed:
      return "this target is allowed";
    case Reason::kNotAllowed:
      return "this target is not on the list of what may be reached";
    case Reason::kPort:
      return "this target may be reached, but not on this port";
    case Reason::kDenyRule:
      return "this target is on the list of what may not be reached";
    case Reason::kNotPublic:
      return "the address of this target " + std::string(meaning(is.value_or(AddressClass::kReserved)));
    case Reason::kMalformed:
      return "this is no target: " + std::string(rule_of(malformed.value_or(TargetFault::kEmpty)));
    case Reason::kSni:
      return "this tunnel " + std::string(meaning(sni.value_or(SniFault::kNoHello)));
  }
  return "this target is not on the list of what may be reached";
}

}  // namespace pollux::egress

#pragma once
// SPDX-License-Identifier: Apache-2.0
// Who may reach what: deny list first, then allow list, then no. Two questions, asked one after the other:
// judge_target() before a name is looked up, so that a denied one never is (a look-up tells the world
// something, too), and judge_address() of each address that was found, of which only those may be connected
// to that pass. What is not public is denied whatever name led there, unless an allow rule speaks of the
// address itself. Nothing here resolves, connects, logs or waits. Pure; any thread, since clients and their
// lists never change.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "egress/policy/address_class.hpp"
#include "egress/policy/rule_set.hpp"
#include "egress/policy/sni_fault.hpp"
#include "egress/policy/target.hpp"

namespace pollux::egress {

/// kReport lets pass, and says so, what no allow rule speaks of, and a tunnel whose TLS is not for its host:
/// it finds out what a list still lacks. It never lets pass what no list could make good or what somebody has
/// ruled out: a malformed target, an address that is not public, whatever a deny rule speaks of.
enum class Mode { kEnforce, kReport };

/// What a tunnel's TLS must ask for (egress/policy/server_name.hpp): kAny is not looked at, kMatch must be
/// the tunnel's host, kStrict besides hides nothing in an encrypted hello.
enum class SniCheck { kAny, kMatch, kStrict };

struct Client {
  std::string name;
  RuleSet allow;  // by RuleSet::allow(); empty: nothing may be reached
  RuleSet deny;   // by RuleSet::deny()
  Mode mode = Mode::kEnforce;
  SniCheck sni = SniCheck::kAny;
  PortSet sni_ports = PortSet::of_https();  // whose tunnels it is about
};

enum class Verdict { kDeny, kWouldDeny, kAllow };
enum class Reason { kNotAllowed, kPort, kDenyRule, kNotPublic, kMalformed, kSni, kAllowed };

struct Decision {
  Verdict verdict = Verdict::kDeny;
  std::string client;
  std::string rule;   // that decided, as written; empty: none did
  std::string place;  // of it: "allow.acl:12"
  Reason reason = Reason::kNotAllowed;
  std::optional<IpAddress> address;      // that was judged
  std::optional<AddressClass> is;        // kNotPublic: what the address is, or one that it carries
  std::optional<TargetFault> malformed;  // kMalformed: which rule of the grammar
  std::optional<SniFault> sni;           // kSni: how the tunnel began
  std::string server_name;               // kSni: that was asked for, if any; fit for a log

  /// Whether to go on.
  bool passes() const { return verdict != Verdict::kDeny; }
  /// For who asked: why, in a sentence without the rules and without what a name resolved to.
  std::string text() const;
  bool operator==(const Decision&) const = default;
};

/// "allow", "would_deny", "deny".
std::string_view name(Verdict verdict);
/// "not_allowed", "port", "deny_rule", "not_public", "malformed", "sni", "allowed".
std::string_view name(Reason reason);
/// "enforce", "report".
std::string_view name(Mode mode);

/// The decision about a text that is no target: denied in every mode.
Decision judge_malformed(const Client& client, TargetFault fault);

/// Of a name: whether it may be looked up. Of an address: the whole decision.
Decision judge_target(const Client& client, const Target& target);

/// Of one address that the target resolved to (or is): whether it may be connected to. `of_target` is what
/// judge_target() said; where that was no, so is this.
Decision judge_address(const Client& client, const Target& target, const IpAddress& address,
                       const Decision& of_target);

struct Resolved {
  Decision decision;  // the first that passes, or the first refusal; of no addresses that of the target
  std::vector<IpAddress> usable;  // in the order of the resolver; connect to these and to nothing else
};
/// All addresses of a target. One that is refused does not spoil the others: connected is only to what was
/// judged.
Resolved judge_addresses(const Client& client, const Target& target, std::span<const IpAddress> addresses,
                         const Decision& of_target);

}  // namespace pollux::egress

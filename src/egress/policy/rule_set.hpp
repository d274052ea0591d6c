#pragma once
// SPDX-License-Identifier: Apache-2.0
// The rules of one list, found by what they speak of and not by looking through them: a name costs one
// look-up for each of its parts, an address one for each length of prefix in the list, however many rules
// there are. Never changed once made; any thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ip_address.hpp"
#include "egress/policy/rule.hpp"

namespace pollux::egress {

class RuleSet {
 public:
  /// No rules.
  RuleSet() = default;
  /// An allow list reads narrowly: *.host is what is below the host, and a rule without ports is one of
  /// these.
  static RuleSet allow(std::vector<Rule> rules, PortSet ports = PortSet::of_the_web());
  /// A deny list reads widely: *.host is the host too, and a rule without ports speaks of all of them.
  static RuleSet deny(std::vector<Rule> rules);

  /// Whether a rule that speaks of an address also has to mean it (speaks_of() in address_class.hpp).
  enum class Meant { kAny, kOnly };

  // Of several rules that match, the first one of the list; nullptr: none does. Valid as long as the set is.

  /// The host in its only form.
  const Rule* of_name(std::string_view host, std::uint16_t port) const;
  /// The same with any port.
  const Rule* of_name(std::string_view host) const;
  const Rule* of_address(const IpAddress& address, std::uint16_t port, Meant meant) const;
  /// The same with any port.
  const Rule* of_address(const IpAddress& address, Meant meant) const;

  std::size_t size() const { return rules_.size(); }
  bool empty() const { return rules_.empty(); }
  std::span<const Rule> rules() const { return rules_; }

 private:
  using Places = std::vector<std::size_t>;  // in rules_, in order
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using ByName = std::unordered_map<std::string, Places, Hash, std::equal_to<>>;

  RuleSet(std::vector<Rule> rules, PortSet ports, bool below_is_host_too);
  std::vector<const Places*> speaking_of(std::string_view host) const;
  std::vector<const Places*> speaking_of(const IpAddress& address, Meant meant) const;
  // Without a port: whatever the ports.
  const Rule* first(std::span<const Places* const> found, std::optional<std::uint16_t> port) const;

  std::vector<Rule> rules_;
  PortSet ports_;
  bool below_is_host_too_ = false;
  ByName hosts_;
  ByName below_;
  std::map<Cidr, Places> networks_;
  std::vector<std::pair<bool, unsigned>> prefixes_;  // IPv4 or not, bits: each that a network of the list has
};

}  // namespace pollux::egress

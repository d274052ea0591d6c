// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/rule_set.hpp"

#include <algorithm>

#include "egress/policy/address_class.hpp"

namespace pollux::egress {

RuleSet RuleSet::allow(std::vector<Rule> rules, PortSet ports) {
  return {std::move(rules), std::move(ports), false};
}

RuleSet RuleSet::deny(std::vector<Rule> rules) { return {std::move(rules), PortSet::all(), true}; }

RuleSet::RuleSet(std::vector<Rule> rules, PortSet ports, bool below_is_host_too)
    : rules_(std::move(rules)), ports_(std::move(ports)), below_is_host_too_(below_is_host_too) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const Rule& rule = rules_[i];
    if (rule.subject == Rule::Subject::kHost) hosts_[rule.host].push_back(i);
    if (rule.subject == Rule::Subject::kBelow) below_[rule.host].push_back(i);
    if (rule.subject != Rule::Subject::kNetwork) continue;
    networks_[*rule.network].push_back(i);
    prefixes_.emplace_back(rule.network->first().is_v4(), rule.network->bits());
  }
  std::ranges::sort(prefixes_);
  const auto twice = std::ranges::unique(prefixes_);
  prefixes_.erase(twice.begin(), twice.end());
}

std::vector<const RuleSet::Places*> RuleSet::speaking_of(std::string_view host) const {
  std::vector<const Places*> out;
  auto add = [&](const ByName& rules, std::string_view name) {
    if (auto found = rules.find(name); found != rules.end()) out.push_back(&found->second);
  };
  add(hosts_, host);
  if (below_is_host_too_) add(below_, host);
  for (auto dot = host.find('.'); dot != host.npos; dot = host.find('.', dot + 1))
    add(below_, host.substr(dot + 1));
  return out;
}

std::vector<const RuleSet::Places*> RuleSet::speaking_of(const IpAddress& address, Meant meant) const {
  std::vector<const Places*> out;
  for (const auto& [v4, bits] : prefixes_) {
    if (v4 != address.is_v4()) continue;
    const Cidr network = Cidr::around(address, bits);
    if (meant == Meant::kOnly && !speaks_of(network, address)) continue;
    if (auto found = networks_.find(network); found != networks_.end()) out.push_back(&found->second);
  }
  return out;
}

const Rule* RuleSet::first(std::span<const Places* const> found, std::optional<std::uint16_t> port) const {
  std::size_t best = rules_.size();
  for (const Places* places : found) {
    auto fits = [&](std::size_t i) {
      return !port || (rules_[i].ports ? *rules_[i].ports : ports_).contains(*port);
    };
    const auto place = std::ranges::find_if(*places, fits);
    if (place != places->end()) best = std::min(best, *place);
  }
  return best == rules_.size() ? nullptr : &rules_[best];
}

const Rule* RuleSet::of_name(std::string_view host, std::uint16_t port) const {
  return first(speaking_of(host), port);
}
const Rule* RuleSet::of_name(std::string_view host) const { return first(speaking_of(host), std::nullopt); }

const Rule* RuleSet::of_address(const IpAddress& address, std::uint16_t port, Meant meant) const {
  return first(speaking_of(address, meant), port);
}

const Rule* RuleSet::of_address(const IpAddress& address, Meant meant) const {
  return first(speaking_of(address, meant), std::nullopt);
}

}  // namespace pollux::egress

#pragma once
// SPDX-License-Identifier: Apache-2.0
// The shapes of rules and of lists of them in egress.yaml.

#include <filesystem>
#include <vector>

#include "base/ip_address.hpp"
#include "config/shape.hpp"
#include "egress/policy/policy.hpp"
#include "egress/policy/rule.hpp"

namespace pollux::egress {

/// Each with its place, "egress.yaml:12".
config::ShapePtr<std::vector<Rule>> rules();

/// A file of rules, a line each: read beside the file that names it.
struct RuleFile {
  std::filesystem::path path;
  std::vector<Rule> rules;
};
config::ShapePtr<std::vector<RuleFile>> rule_files();

/// The ports of rules that name none: "443", "80,443,8000-8100".
config::ShapePtr<PortSet> port_set();

/// Networks and addresses: [10.0.0.0/8, 192.0.2.1].
config::ShapePtr<std::vector<Cidr>> networks();

}  // namespace pollux::egress

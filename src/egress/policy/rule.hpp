#pragma once
// SPDX-License-Identifier: Apache-2.0
// One line of a list: whom it speaks of, and which ports.
//
//   api.example.gov             the host and nothing else
//   *.example.gov               what is below it, however deep; on a deny list (rule_set.hpp) the host too
//   192.0.2.7, 2001:db8::7      the address
//   10.0.0.0/8, 2001:db8::/32   the network
//
// each with ports behind it, if it wants: api.example.gov:443, 10.0.0.0/8:80,443, [2001:db8::7]:8000-8100.
// Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "egress/policy/port_set.hpp"

namespace pollux::egress {

struct Rule {
  enum class Subject { kHost, kBelow, kNetwork };

  Subject subject = Subject::kHost;
  std::string host;              // in its only form; of *.host what stands behind the dot
  std::optional<Cidr> network;   // of an address the network of it alone
  std::optional<PortSet> ports;  // none: as the list says
  std::string written;           // as it stands in the list
  std::string place;             // "allow.acl:12"; empty: unknown

  /// Its only form: parse_rule() reads it as the same rule.
  std::string text() const;
};

/// A rule without a place. The error quotes what was found, without a password that may stand in it, says
/// what is wrong and what to write instead.
Result<Rule> parse_rule(std::string_view text);

}  // namespace pollux::egress

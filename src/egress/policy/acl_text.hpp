#pragma once
// SPDX-License-Identifier: Apache-2.0
// Lists of rules as text: files with a rule on each line (allow.acl, deny.acl), and the values of PROXY_ALLOW
// and PROXY_DENY. Those are hosts and networks with spaces or line ends between them, as
// GSA-TTS/cg-egress-proxy has them. Reading files and environment is the caller's. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "egress/policy/rule.hpp"

namespace pollux::egress {

struct AclFault {
  std::string place;    // "allow.acl:12"
  std::string message;  // with what to write instead

  /// "allow.acl:12: `.example.gov`: write *.example.gov for ...".
  std::string text() const { return place + ": " + message; }
};

struct AclRules {
  std::vector<Rule>
      rules;  // the good ones, in order, each with its place; not to be used where there are faults
  std::vector<AclFault> faults;
};

/// A rule on each line, with `#` and what stands behind it as comment at a line's beginning or behind a
/// space; blank lines, CRLF and a byte order mark are taken as they come. Places are "name:line".
AclRules parse_acl_file(std::string_view text, std::string_view name);

/// Rules with spaces, line ends or commas between them. A comma before a port belongs to the rule: in
/// "a.example:80,443,b.example" are two. Places are "name:n", of the nth rule.
AclRules parse_acl_value(std::string_view text, std::string_view name);

}  // namespace pollux::egress

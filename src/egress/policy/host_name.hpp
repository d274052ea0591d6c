#pragma once
// SPDX-License-Identifier: Apache-2.0
// Names of hosts, in targets and in rules alike: one grammar, so that both mean the same machine by the same
// text. It is that of RFC 1035, 2.3.1 with RFC 1123, 2.1, and narrower where a name could be mistaken for an
// address or written in two ways (docs/decisions/0013-egress-policy.md). Pure; any thread.

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "egress/policy/target_fault.hpp"

namespace pollux::egress {

/// What no host may have, wherever it stands; nullopt: only letters, digits, hyphens, underscores and dots.
std::optional<TargetFault> bad_character(std::string_view host);

/// The name in lower case (RFC 4343), which is its only form: nothing else names the same host.
std::expected<std::string, TargetFault> canonical_name(std::string_view text);

/// The A-label form of a name in UTF-8: bücher.example is xn--bcher-kva.example. For advice to who writes a
/// list: targets and rules must come in A-labels. nullopt: there is none.
std::optional<std::string> ascii_form(const std::string& utf8);

}  // namespace pollux::egress

#pragma once
// SPDX-License-Identifier: Apache-2.0
// Why a text is no target. The words are for who sent it: they never quote it.

#include <string_view>

namespace pollux::egress {

enum class TargetFault {
  kEmpty,
  kNotAscii,
  kControl,
  kWhitespace,
  kUserinfo,
  kPercent,
  kCharacter,
  kScheme,
  kFragment,
  kNoPort,
  kBadPort,
  kBrackets,
  kZone,
  kBadAddress,
  kEmptyLabel,
  kTrailingDot,
  kLongLabel,
  kLongName,
  kHyphen,
  kLastLabel,
  kPunycode,
};

/// "trailing-dot": a word for logs and metrics.
std::string_view name(TargetFault fault);
/// A sentence's end that says which rule: "a host has no dot at its end".
std::string_view rule_of(TargetFault fault);

}  // namespace pollux::egress

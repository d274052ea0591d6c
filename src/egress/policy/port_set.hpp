#pragma once
// SPDX-License-Identifier: Apache-2.0
// Ports as they stand in a rule: "443", "80,443", "8000-8100". Pure; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pollux::egress {

/// A number from 1 to 65535 in its only form: no sign, no space, no leading zero.
std::optional<std::uint16_t> parse_port(std::string_view text);

class PortSet {
 public:
  /// None.
  PortSet() = default;
  /// Ports and ranges, with commas between them, in any order.
  static Result<PortSet> parse(std::string_view text);
  /// 80 and 443: what a rule of an allow list means when it names none.
  static PortSet of_the_web();
  /// 443.
  static PortSet of_https();
  static PortSet all();

  bool contains(std::uint16_t port) const;
  /// The same set always has the same text: in order, what touches joined.
  std::string text() const;
  bool operator==(const PortSet&) const = default;

 private:
  struct Range {
    std::uint16_t from;
    std::uint16_t to;  // itself within
    auto operator<=>(const Range&) const = default;
  };
  static std::optional<Range> parse_range(std::string_view text);

  std::vector<Range> ranges_;  // in order, with a gap between each two
};

}  // namespace pollux::egress

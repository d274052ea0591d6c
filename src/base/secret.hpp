#pragma once
// SPDX-License-Identifier: Apache-2.0
// A value that must never be seen: it prints as ***, has no operator<< to its value, and is opened only where
// it is put on the wire. Every secret is also told to a Redactor, which hides its value inside other text. A
// value type.

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace pollux {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  /// The value itself. Call it only on the line that puts it on the wire, signs with it, or
  /// makes part of a digest of it.
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string value_;
};

inline std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

}  // namespace pollux

#pragma once
// SPDX-License-Identifier: Apache-2.0
// A compiled JSON Schema (draft 7), by valijson. Shared by everyone who holds a copy; validate() is const and
// may run in several threads. Nothing is ever fetched: a $ref that leaves the document is refused when the
// schema is compiled, and so is a keyword of a later draft, because a rule that is silently ignored guards
// nothing.

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pollux::check {

class Schema {
 public:
  static constexpr std::size_t kMaxViolations = 5;

  /// `name` stands in messages: the schema's file. kUsage where it is not JSON, not a schema, or uses what is
  /// not supported.
  static Result<Schema> compile(std::string_view text, std::string_view name);

  /// kRejected with up to kMaxViolations faults, each "/pointer: expected integer, found null"; kMalformed
  /// where `text` is not JSON.
  Result<void> validate(std::string_view text) const;

  /// SHA-256 of the schema's text.
  const std::string& digest() const;

 private:
  struct Compiled;
  explicit Schema(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace pollux::check

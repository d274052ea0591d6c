#pragma once
// SPDX-License-Identifier: Apache-2.0
// What valijson would silently ignore in a schema, found before it is trusted: keywords of later drafts,
// rules beside a $ref, references that leave the document or lead nowhere. Pure; any thread.

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace pollux::check {

/// Why this schema cannot be enforced as written, with the pointer of the place; empty if it can.
std::string unsupported_in(const boost::json::value& schema);

/// The first regular expression that std::regex does not take, and where; empty if it takes all.
std::string faulty_pattern_in(const boost::json::value& schema);

/// Whether any rule of the schema matches strings against a regular expression.
bool uses_patterns(const boost::json::value& schema);

/// The schema that a local reference such as "#/definitions/a" means; nullptr if there is none.
const boost::json::value* local_target(const boost::json::value& root, std::string_view reference);

}  // namespace pollux::check

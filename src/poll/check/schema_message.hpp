#pragma once
// SPDX-License-Identifier: Apache-2.0
// Turns what valijson says of a violation into what a person can act on: the place as a JSON pointer, what
// the schema asks there, and what was found. Pure; any thread.

#include <boost/json/value.hpp>
#include <string>
#include <vector>

namespace pollux::check {

struct Violation {
  std::vector<std::string> path;  // keys and indexes from the root
  std::string description;        // valijson's words
};

/// "/call/en: expected integer, found null".
std::string describe(const Violation& violation, const boost::json::value& schema,
                     const boost::json::value& document);

/// Whether it only repeats on a parent what is said of a child.
bool is_echo(const Violation& violation);

}  // namespace pollux::check

#pragma once
// SPDX-License-Identifier: Apache-2.0
// Cuts values out of a JSON text without touching their bytes: 1.10 stays 1.10, and an integer of twenty
// digits keeps them all, which no tree of parsed values can promise. On simdjson, at more than a gigabyte a
// second. Views point into the caller's text. Pure; any thread.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace pollux {

/// A place below a JSON value, ".meta.next[0]": keys of objects and indexes of lists. Empty: the value
/// itself.
using JsonPath = std::vector<std::variant<std::string, std::size_t>>;

/// As jq writes it: ".meta.next[0]"; "." for the value itself.
std::string describe(const JsonPath& place);

/// The value at `place` as it stands in `json`, without white space around it; nullopt where nothing is
/// there. Of two members with one name the last one counts, as in jq. kMalformed where `json` is seen not to
/// be JSON: what was not walked through is not judged.
Result<std::optional<std::string_view>> json_at(std::string_view json, const JsonPath& place);

/// Calls `take` with each item of a list, in its order, as json_at gives values: for lists of any length, of
/// which nothing is kept. kMalformed where `json` is no list; what came before a fault has been taken then.
Result<void> each_json_item(std::string_view json, const std::function<void(std::string_view)>& take);

/// The same as a list of views, 16 bytes for each item.
Result<std::vector<std::string_view>> json_items(std::string_view json);

/// The text of a JSON string; nullopt where `json` is none.
std::optional<std::string> json_unquote(std::string_view json);

}  // namespace pollux

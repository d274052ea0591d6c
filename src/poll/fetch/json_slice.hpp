#pragma once
// SPDX-License-Identifier: Apache-2.0
// Pieces of a JSON text as they stand there, so that no number is ever reformatted: Boost.JSON and jq keep
// numbers as doubles, simdjson's on-demand parser does not check what it skips. For a text that check_json()
// found good; on any other they find something or nothing, and do no harm. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "config/poll.hpp"

namespace pollux::fetch {

/// The value at the path; nullopt: there is none. Of a name that an object has twice it is the last, as in
/// jq.
std::optional<std::string_view> slice_at(std::string_view json, const config::JsonPath& path);

struct ListSlice {
  std::string_view inside;  // what stands between the brackets
  std::size_t items = 0;
};
/// nullopt: the value is no list.
std::optional<ListSlice> slice_list(std::string_view value);

/// ".meta.next[0]"; ".": the whole.
std::string path_text(const config::JsonPath& path);

}  // namespace pollux::fetch

#pragma once
// SPDX-License-Identifier: Apache-2.0
// JSON and CSV files of values, for `for_each`, as the same nodes that YAML becomes. Nothing in them is
// filled in: `${...}` in such a file is plain text. Bounded: 64 MiB, 64 levels, a million values. Pure; any
// thread; errors are kMalformed and say the line.

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/yaml_source.hpp"

namespace pollux::config {

/// Strict JSON (RFC 8259) in UTF-8. Numbers keep their digits; a key that stands twice is an error.
Result<NodePtr> parse_json_values(std::string_view text);

/// CSV (base/csv.hpp) in UTF-8: a map of texts for each row, which knows its line.
Result<std::vector<NodePtr>> parse_csv_values(std::string_view text);

}  // namespace pollux::config

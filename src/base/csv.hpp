#pragma once
// SPDX-License-Identifier: Apache-2.0
// Comma-separated values (RFC 4180), strictly: quotes, line breaks inside quotes, CRLF or LF. Debian's libcsv
// guesses where a text is wrong and cannot tell the line. Pure; any thread.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pollux {

struct CsvRow {
  std::size_t line = 1;  // of its first character, from 1
  std::vector<std::string> fields;
};

/// Calls `take` for each row in turn, the header among them; a failure of `take` ends it. One line break at
/// the very end belongs to the last row. kMalformed with the line where a quote stands in a bare field, a
/// character follows a closing quote, or a carriage return stands alone; kTruncated where a quote is never
/// closed.
Result<void> read_csv(std::string_view text, char delimiter,
                      const std::function<Result<void>(const CsvRow&)>& take);

/// What has a header line, as a JSON list of objects whose values are texts. Every name must be there once
/// and every row must have as many fields as there are names; empty lines at the end are none.
Result<std::string> csv_as_json(std::string_view text, char delimiter);

}  // namespace pollux

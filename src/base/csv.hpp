#pragma once
// SPDX-License-Identifier: Apache-2.0
// Strict CSV as RFC 4180 has it: CRLF or LF after a row, fields in double quotes may hold commas, quotes
// (doubled) and line breaks, every row has as many fields as the header. A byte order mark is skipped.
// Bytes are kept as they are: whoever makes JSON of them looks at their encoding. Pure; any thread; errors
// are kMalformed, kTruncated where a quote is never closed, and begin with the line:
// "line 7: 3 fields, the header has 4".

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"

namespace pollux {

/// As many as a spreadsheet can have. A text of nothing but commas would take a hundred times its size.
inline constexpr std::size_t kMostColumns = 16'384;

/// Row by row, for texts of which nobody wants all rows at once. `text` must outlive it.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text, char delimiter = ',');

  /// The next row's fields into `fields`; false at the end. The first row is the header where there is one,
  /// and says how many fields the others must have. Empty lines at the end of the text are no rows.
  Result<bool> next(std::vector<std::string>& fields);
  /// Where the row begins that was read last, from 1.
  std::size_t line() const { return row_line_; }

 private:
  Result<std::string> field();
  Result<std::string> quoted();
  Result<std::string> bare();
  bool ended();

  std::string_view rest_;
  char delimiter_;
  std::size_t line_ = 1;
  std::size_t row_line_ = 0;
  std::size_t width_ = 0;          // 0: no row was read yet
  const char* content_ = nullptr;  // before this place there are only line breaks, and something stands there
};

struct CsvTable {
  struct Row {
    std::vector<std::string> fields;
    std::size_t line = 0;
  };
  std::vector<std::string> header;  // names, none empty, none twice
  std::vector<Row> rows;
};

/// The whole of it, under a header.
Result<CsvTable> parse_csv(std::string_view text);

/// The same as a JSON list of objects whose values are texts. Every row repeats the names of all columns, so
/// a small table can become a very large text: kTooLarge as soon as it has more than `most` bytes. Messages
/// of other errors begin with "not CSV: ".
Result<std::string> csv_as_json(std::string_view text, char delimiter, Bytes most);

/// The names of a header: none empty, none twice.
Result<void> check_csv_header(const std::vector<std::string>& names, std::size_t line);

}  // namespace pollux

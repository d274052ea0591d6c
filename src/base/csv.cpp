// SPDX-License-Identifier: Apache-2.0
#include "base/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/counted.hpp"
#include "base/encoding.hpp"

namespace pollux {
namespace {

constexpr std::size_t kShownName = 60;

// How many bytes of a line break stand at the front.
std::size_t line_break(std::string_view text) {
  if (text.starts_with("\r\n")) return 2;
  return text.starts_with('\n') ? 1 : 0;
}

std::unexpected<Error> wrong(std::size_t line, const std::string& what) {
  return fail(ErrorKind::kMalformed, fmt::format("line {}: {}", line, what));
}

std::unexpected<Error> too_large(std::size_t line, Bytes most) {
  return fail(ErrorKind::kTooLarge,
              fmt::format("line {}: up to here the table is larger than {} as JSON, where "
                          "each row repeats the names of all columns",
                          line, describe_bytes(most)));
}

}  // namespace

CsvReader::CsvReader(std::string_view text, char delimiter) : rest_(text), delimiter_(delimiter) {
  if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
}

// Whether only line breaks are left. Looks through a run of them once, however many rows of one column they
// are.
bool CsvReader::ended() {
  if (content_ != nullptr && rest_.data() < content_) return false;
  std::size_t at = rest_.find_first_not_of("\r\n");
  if (at == std::string_view::npos) return true;
  content_ = rest_.data() + at;
  return false;
}

Result<bool> CsvReader::next(std::vector<std::string>& fields) {
  fields.clear();
  // A column of its own may hold empty values, but not after the last row.
  if (ended()) return false;
  row_line_ = line_;
  while (true) {
    auto one = field();
    if (!one) return std::unexpected(one.error());
    if (fields.size() == kMostColumns)
      return wrong(row_line_, fmt::format("more than {} columns", kMostColumns));
    fields.push_back(std::move(*one));
    if (!rest_.starts_with(delimiter_)) break;
    rest_.remove_prefix(1);
  }
  if (std::size_t length = line_break(rest_); length > 0) {
    rest_.remove_prefix(length);
    ++line_;
  }
  if (width_ == 0) width_ = fields.size();
  if (fields.size() != width_)
    return wrong(row_line_, fmt::format("{}, the header has {}", counted(fields.size(), "field"), width_));
  return true;
}

// Ends at a comma, a line break or the end of the text.
Result<std::string> CsvReader::field() { return rest_.starts_with('"') ? quoted() : bare(); }

Result<std::string> CsvReader::bare() {
  const char stops[] = {delimiter_, '"', '\r', '\n'};
  std::size_t end = std::min(rest_.find_first_of(std::string_view(stops, sizeof stops)), rest_.size());
  std::string out(rest_.substr(0, end));
  rest_.remove_prefix(end);
  if (rest_.starts_with('"')) return wrong(line_, "a quote inside a field that does not begin with one");
  if (rest_.starts_with('\r') && line_break(rest_) == 0)
    return wrong(line_, "a carriage return without a line feed");
  return out;
}

Result<std::string> CsvReader::quoted() {
  std::size_t began = line_;
  rest_.remove_prefix(1);
  std::string out;
  while (true) {
    std::size_t quote = rest_.find('"');
    if (quote == std::string_view::npos)
      return fail(ErrorKind::kTruncated, fmt::format("line {}: a quote that is not closed", began));
    line_ += static_cast<std::size_t>(std::ranges::count(rest_.substr(0, quote), '\n'));
    out += rest_.substr(0, quote);
    rest_.remove_prefix(quote + 1);
    if (!rest_.starts_with('"')) break;
    out += '"';
    rest_.remove_prefix(1);
  }
  if (!rest_.empty() && !rest_.starts_with(delimiter_) && line_break(rest_) == 0)
    return wrong(line_, "something after the closing quote of a field");
  return out;
}

Result<void> check_csv_header(const std::vector<std::string>& names, std::size_t line) {
  std::unordered_map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty())
      return fail(ErrorKind::kMalformed, fmt::format("line {}: column {} has no name", line, i + 1));
    auto [first, is_new] = seen.emplace(names[i], i + 1);
    if (!is_new) {
      return fail(ErrorKind::kMalformed, fmt::format("line {}: columns {} and {} are both named `{}`", line,
                                                     first->second, i + 1, names[i].substr(0, kShownName)));
    }
  }
  return {};
}

Result<CsvTable> parse_csv(std::string_view text) {
  CsvReader reader(text);
  CsvTable table;
  auto header = reader.next(table.header);
  if (!header) return std::unexpected(header.error());
  if (!*header) return fail(ErrorKind::kMalformed, "line 1: no header: the names of the columns");
  if (auto good = check_csv_header(table.header, reader.line()); !good) return std::unexpected(good.error());
  while (true) {
    CsvTable::Row row;
    auto more = reader.next(row.fields);
    if (!more) return std::unexpected(more.error());
    if (!*more) return table;
    row.line = reader.line();
    table.rows.push_back(std::move(row));
  }
}

Result<std::string> csv_as_json(std::string_view text, char delimiter, Bytes most) {
  auto as_fault = [](Error error) {
    error.message = "not CSV: " + error.message;
    error.retry = Retry::later();
    return std::unexpected(std::move(error));
  };
  CsvReader reader(text, delimiter);
  std::vector<std::string> names;
  std::vector<std::string> fields;
  auto more = reader.next(names);
  if (more && !*more) more = wrong(1, "there is no header");
  if (!more) return as_fault(more.error());
  if (auto good = check_csv_header(names, reader.line()); !good) return as_fault(good.error());
  for (std::string& name : names) name = json_quote(name) + ":";
  std::string out = "[";
  for (;;) {
    more = reader.next(fields);
    if (!more) return as_fault(more.error());
    if (!*more) break;
    out += out.size() > 1 ? ",{" : "{";
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i > 0) out += ',';
      out.append(names[i]) += json_quote(fields[i]);
      // Within the row: one row alone may have a name that is as long as the text.
      if (out.size() >= most.count) return too_large(reader.line(), most);
    }
    out += '}';
  }
  out += ']';
  if (out.size() > most.count) return too_large(reader.line(), most);
  return out;
}

}  // namespace pollux

// SPDX-License-Identifier: Apache-2.0
// Any bytes as CSV: what is read can be written, every field in quotes, and read again as the same.
#include <cstdint>
#include <cstdlib>

#include "base/csv.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void write_row(const std::vector<std::string>& fields, std::string& out) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    out += i > 0 ? ",\"" : "\"";
    for (char c : fields[i]) out.append(c == '"' ? 2 : 1, c);
    out += '"';
  }
  out += "\r\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto table = pollux::parse_csv(text);
  if (!table) {
    require(table.error().message.starts_with("line "));
    return 0;
  }
  std::string written;
  write_row(table->header, written);
  for (const auto& row : table->rows) {
    require(row.fields.size() == table->header.size() && row.line > 0);
    write_row(row.fields, written);
  }
  auto again = pollux::parse_csv(written);
  require(again && again->header == table->header && again->rows.size() == table->rows.size());
  for (std::size_t i = 0; i < again->rows.size(); ++i)
    require(again->rows[i].fields == table->rows[i].fields);
  return 0;
}

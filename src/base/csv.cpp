// SPDX-License-Identifier: Apache-2.0
#include "base/csv.hpp"

#include <fmt/format.h>

#include <set>

#include "base/encoding.hpp"

namespace pollux {
namespace {

std::unexpected<Error> wrong(std::size_t line, std::string_view what,
                             ErrorKind kind = ErrorKind::kMalformed) {
  return fail(kind, fmt::format("not CSV: line {}: {}", line, what), Retry::later());
}

class Rows {
 public:
  Rows(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {}

  bool done() const { return at_ >= text_.size(); }

  Result<CsvRow> next() {
    CsvRow row{line_, {}};
    for (;;) {
      auto field = peek() == '"' ? quoted() : bare();
      if (!field) return std::unexpected(field.error());
      row.fields.push_back(std::move(*field));
      if (done() || peek() != delimiter_) break;
      ++at_;
    }
    if (!done()) {
      at_ += peek() == '\r' ? 2 : 1;
      ++line_;
    }
    return row;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool at_line_end() const { return peek() == '\n' || text_.substr(at_, 2) == "\r\n"; }

  Result<std::string> bare() {
    const char stops[] = {delimiter_, '\n', '\r', '"'};
    std::size_t end = std::min(text_.find_first_of({stops, 4}, at_), text_.size());
    std::string out(text_.substr(at_, end - at_));
    at_ = end;
    if (done() || peek() == delimiter_ || at_line_end()) return out;
    return wrong(line_, peek() == '"' ? "a quote inside a field that does not begin with one"
                                      : "a carriage return without a line feed");
  }

  Result<std::string> quoted() {
    const std::size_t first_line = line_;
    std::string out;
    for (++at_; !done(); ++at_) {
      if (peek() == '"') {
        ++at_;
        if (peek() != '"' || done()) {
          if (done() || peek() == delimiter_ || at_line_end()) return out;
          return wrong(line_, "something follows a closing quote");
        }
      } else if (peek() == '\n') {
        ++line_;
      }
      out += text_[at_];
    }
    return wrong(first_line, "a quote that is never closed", ErrorKind::kTruncated);
  }

  std::string_view text_;
  char delimiter_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

// A foreign field for a message: short and printable.
std::string shown(std::string_view field) {
  std::string out;
  for (char c : field.substr(0, 40)) out += c >= 0x20 && c < 0x7F ? c : '?';
  return out;
}

Result<std::vector<std::string>> quoted_names(const CsvRow& header) {
  std::set<std::string_view> seen;
  std::vector<std::string> names;
  for (const std::string& name : header.fields) {
    if (name.empty()) return wrong(header.line, fmt::format("column {} has no name", names.size() + 1));
    if (!seen.insert(name).second) {
      return wrong(header.line, fmt::format("the column name `{}` stands there twice", shown(name)));
    }
    names.push_back(json_quote(name) + ":");
  }
  return names;
}

bool nothing_but_line_ends(std::string_view text) {
  return text.find_first_not_of("\r\n") == std::string_view::npos;
}

}  // namespace

Result<void> read_csv(std::string_view text, char delimiter,
                      const std::function<Result<void>(const CsvRow&)>& take) {
  for (Rows rows(text, delimiter); !rows.done();) {
    auto row = rows.next();
    if (!row) return std::unexpected(row.error());
    if (auto taken = take(*row); !taken) return taken;
  }
  return {};
}

Result<std::string> csv_as_json(std::string_view text, char delimiter) {
  if (nothing_but_line_ends(text)) return wrong(1, "there is no header");
  std::string_view rest = text.substr(0, text.find_last_not_of("\r\n") + 1);
  std::vector<std::string> names;
  std::string out = "[";
  auto take = [&](const CsvRow& row) -> Result<void> {
    if (names.empty()) {
      auto found = quoted_names(row);
      if (!found) return std::unexpected(found.error());
      names = std::move(*found);
      return {};
    }
    if (row.fields.size() != names.size()) {
      return wrong(row.line, fmt::format("{} field{} where the header has {}", row.fields.size(),
                                         row.fields.size() == 1 ? "" : "s", names.size()));
    }
    out += out.size() > 1 ? ",{" : "{";
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i > 0) out += ',';
      out += names[i];
      out += json_quote(row.fields[i]);
    }
    out += '}';
    return {};
  };
  if (auto done = read_csv(rest, delimiter, take); !done) return std::unexpected(done.error());
  return out + "]";
}

}  // namespace pollux

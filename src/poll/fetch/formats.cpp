// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/formats.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/charset.hpp"
#include "base/csv.hpp"
#include "base/json_text.hpp"

namespace pollux::fetch {
namespace {

using config::Format;

std::string media_type(std::string_view content_type) {
  return ascii_lower(ascii_trimmed(content_type.substr(0, content_type.find(';'))));
}

// RFC 9110, 8.3.2.
std::string charset_of(std::string_view content_type) {
  std::size_t at = content_type.find(';');
  while (at != std::string_view::npos) {
    std::string_view rest = content_type.substr(at + 1);
    std::string_view parameter = rest.substr(0, rest.find(';'));
    std::size_t equals = parameter.find('=');
    if (equals != std::string_view::npos &&
        ascii_iequals(ascii_trimmed(parameter.substr(0, equals)), "charset")) {
      std::string_view value = ascii_trimmed(parameter.substr(equals + 1));
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
      return ascii_lower(value);
    }
    at = content_type.find(';', at + 1);
  }
  return {};
}

struct Mark {
  std::string_view bytes;
  std::string_view charset;
};
// UTF-32 before UTF-16: its mark begins with the other's.
constexpr Mark kMarks[] = {{"\xEF\xBB\xBF", "utf-8"},
                           {{"\xFF\xFE\0\0", 4}, "utf-32le"},
                           {{"\0\0\xFE\xFF", 4}, "utf-32be"},
                           {"\xFF\xFE", "utf-16le"},
                           {"\xFE\xFF", "utf-16be"}};

// Whether it can only be JSON in UTF-8: what RFC 8259 (8.1) says that it always is, whatever the header says.
bool is_plain_utf8(std::string_view text) {
  bool control = std::ranges::any_of(
      text, [](char c) { return c >= 0 && c < 0x20 && c != '\t' && c != '\r' && c != '\n'; });
  return !control && is_utf8(text);
}

Result<std::string> decoded(const config::Step& step, Format format, std::string body,
                            std::string_view content_type) {
  const std::string said = charset_of(content_type);
  std::string charset = step.charset.empty() ? said : step.charset;
  if (format != Format::kText) {
    for (const Mark& mark : kMarks) {
      if (!body.starts_with(mark.bytes)) continue;
      body.erase(0, mark.bytes.size());
      if (mark.charset == "utf-8") return body;
      return to_utf8(body, mark.charset);
    }
    // Servers that call everything ISO-8859-1 and send UTF-8 are common.
    if (format != Format::kCsv && step.charset.empty() && !said.empty() && is_plain_utf8(body))
      charset.clear();
  }
  if (charset.empty() || charset == "utf-8" || charset == "utf8") return body;
  return to_utf8(body, charset);
}

// The converter knows which byte it is that is wrong; numbers beyond Unicode it lets through.
std::unexpected<Error> not_utf8(std::string_view text) {
  auto converted = to_utf8(text, "utf-8");
  if (!converted) return std::unexpected(std::move(converted.error()));
  return fail(ErrorKind::kMalformed, "not utf-8: a character beyond U+10FFFF; say what it is with `charset:`",
              Retry::later());
}

Error in_line(Error error, std::size_t line) {
  error.message = fmt::format("line {}: {}", line, error.message);
  return error;
}

Result<std::string> lines_as_json(std::string_view text) {
  std::string out = "[";
  out.reserve(text.size() + 2);
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (auto good = check_json(line); !good) return std::unexpected(in_line(good.error(), number));
    if (out.size() > 1) out += ',';
    out += line;
  }
  out += ']';
  return out;
}

// An error page is a fine table of one column.
bool is_markup(std::string_view text) {
  std::size_t first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  std::string start = ascii_lower(text.substr(first, 16));
  return start.starts_with("<!doctype") || start.starts_with("<html") || start.starts_with("<?xml");
}

Result<std::string> table_as_json(std::string_view text, char delimiter, Bytes most) {
  if (is_markup(text)) return fail(ErrorKind::kMalformed, "not CSV: HTML or XML", Retry::later());
  if (!is_utf8(text)) return not_utf8(text);
  auto json = csv_as_json(text, delimiter, most);
  if (!json && json.error().kind == ErrorKind::kTooLarge)
    json.error().message += "; ask for fewer rows or columns, or raise `max_answer`";
  return json;
}

}  // namespace

Format format_of(Format told, std::string_view content_type) {
  if (told != Format::kAuto) return told;
  const std::string type = media_type(content_type);
  if (type == "text/csv") return Format::kCsv;
  constexpr std::string_view kLines[] = {"application/x-ndjson", "application/ndjson", "application/jsonl",
                                         "application/x-jsonlines", "application/jsonlines"};
  return std::ranges::find(kLines, type) == std::end(kLines) ? Format::kJson : Format::kJsonLines;
}

std::string_view accept_of(Format told) {
  switch (told) {
    case Format::kJson:
    case Format::kAuto:
      return "application/json";
    case Format::kJsonLines:
      return "application/x-ndjson, application/jsonl, */*;q=0.1";
    case Format::kCsv:
      return "text/csv, */*;q=0.1";
    case Format::kText:
      break;
  }
  return "";
}

Result<std::string> as_json(const config::Step& step, std::string body, std::string_view content_type,
                            Bytes most) {
  const Format format = format_of(step.expect, content_type);
  auto text = decoded(step, format, std::move(body), content_type);
  if (!text || format == Format::kText || format == Format::kJson) return text;
  return format == Format::kCsv ? table_as_json(*text, step.delimiter, most) : lines_as_json(*text);
}

}  // namespace pollux::fetch

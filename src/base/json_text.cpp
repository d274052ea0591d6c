// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <string>
#include <vector>

#include "base/ascii.hpp"

namespace pollux {
namespace {

namespace json = boost::json;

// Takes every event and keeps none: what is left of the parser is the validator.
struct Nothing {
  static constexpr std::size_t max_object_size = -1;
  static constexpr std::size_t max_array_size = -1;
  static constexpr std::size_t max_key_size = -1;
  static constexpr std::size_t max_string_size = -1;
  using Code = json::error_code;

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return true; }
  bool on_object_end(std::size_t, Code&) { return true; }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t, Code&) { return true; }
  bool on_key_part(json::string_view, std::size_t, Code&) { return true; }
  bool on_key(json::string_view, std::size_t, Code&) { return true; }
  bool on_string_part(json::string_view, std::size_t, Code&) { return true; }
  bool on_string(json::string_view, std::size_t, Code&) { return true; }
  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, Code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, Code&) { return true; }
  bool on_double(double, json::string_view, Code&) { return true; }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }
};

constexpr std::string_view kSpace = " \t\r\n";

std::string with_thousands(std::size_t count) {
  std::string digits = fmt::to_string(count);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) digits.insert(at, ",");
  return digits;
}

// A piece of a foreign body for a message: short, on one line, printable.
std::string excerpt(std::string_view text, std::size_t most) {
  std::string out;
  for (char c : text.substr(0, most))
    out += (c >= 0x20 && c < 0x7f) ? c : (c == '\n' || c == '\t' ? ' ' : '?');
  return out;
}

std::string place(std::string_view text, std::size_t offset) {
  std::string_view before = text.substr(0, offset);
  auto line = std::ranges::count(before, '\n') + 1;
  auto last = before.rfind('\n');
  auto column = last == std::string_view::npos ? offset + 1 : offset - last;
  return fmt::format("line {}, column {}", line, column);
}

// What is still open at the end of a text that is right up to there: the closers that are missing, innermost
// first.
std::string missing_closers(std::string_view text) {
  std::string open;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      open += c == '{' ? '}' : ']';
    } else if ((c == '}' || c == ']') && !open.empty()) {
      open.pop_back();
    }
  }
  if (in_string) return "no closing \"";
  if (open.empty()) return "the last value is cut off";
  return fmt::format("no closing {}", open.back());
}

std::unexpected<Error> malformed(std::string reason) {
  return fail(ErrorKind::kMalformed, "not JSON: " + reason, Retry::later());
}

// What an answer is when its first character already says that it is no JSON; empty if it does not.
std::string foreign_kind(std::string_view body) {
  const std::string start = ascii_lower(body.substr(0, 16));
  if (start.starts_with("<!doctype html") || start.starts_with("<html")) return "an HTML page";
  if (start.starts_with("<?xml")) return "an XML document";
  if (start.starts_with("<")) return "HTML or XML";
  if (start.starts_with("\x1f\x8b")) return "gzip data that was not announced as such";
  if (start.starts_with("nan") || start.starts_with("infinity") || start.starts_with("-infinity")) {
    return "JSON has no NaN or Infinity";
  }
  return {};
}

// Whether half of a surrogate pair stands right before, or around, the place where the parser stopped.
bool follows_surrogate(std::string_view text, std::size_t offset) {
  std::string_view before = text.substr(0, std::min(offset + 6, text.size()));
  auto escape = before.rfind("\\u", offset);
  if (escape == std::string_view::npos || offset - escape > 6 || escape + 4 > text.size()) return false;
  char first = text[escape + 2];
  char second = text[escape + 3];
  return (first == 'd' || first == 'D') && (second == '8' || second == '9' || second > '9');
}

std::string reason_of(const json::error_code& code, std::string_view text, std::size_t offset) {
  std::string at = place(text, offset);
  if (code == json::error::too_deep) return fmt::format("nested deeper than {} levels at {}", kMaxDepth, at);
  if (code == json::error::extra_data) {
    return fmt::format("something follows the value at {}: `{}`", at, excerpt(text.substr(offset), 24));
  }
  if (follows_surrogate(text, offset)) {
    return fmt::format("half of a \\u surrogate pair at {}", at);
  }
  unsigned char found = offset < text.size() ? static_cast<unsigned char>(text[offset]) : 0;
  if (found >= 0x80) return fmt::format("bytes that are not UTF-8, or not inside a string, at {}", at);
  if (found < 0x20) {
    return fmt::format("a raw control character 0x{:02x} at {}", found, at);
  }
  auto word = text.substr(offset, 8);
  if (word.starts_with("NaN") || word.starts_with("Infinity") || word.starts_with("nan")) {
    return fmt::format("JSON has no NaN or Infinity ({})", at);
  }
  auto before = text.substr(0, offset).find_last_not_of(kSpace);
  if ((found == ']' || found == '}') && before != std::string_view::npos && text[before] == ',') {
    return fmt::format("a comma with nothing after it, before the {} at {}", static_cast<char>(found), at);
  }
  return fmt::format("unexpected `{}` at {}", excerpt(text.substr(offset), 16), at);
}

}  // namespace

Result<void> check_json(std::string_view text) {
  auto first = text.find_first_not_of(kSpace);
  if (text.empty()) return malformed("the answer is empty");
  if (first == std::string_view::npos) return malformed("nothing but white space");
  if (text.starts_with("\xEF\xBB\xBF")) return malformed("it starts with a byte order mark (RFC 8259, 8.1)");
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return malformed("it is UTF-16, not UTF-8");

  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::basic_parser<Nothing> parser(options);
  json::error_code code;
  std::size_t consumed = parser.write_some(false, text.data(), text.size(), code);
  if (!code && consumed < text.size()) code = json::error::extra_data;
  if (!code) return {};

  // A number that ends in `2.` or `2e` is called a syntax error; at the very end it is a number cut off.
  if (code == json::error::incomplete || (consumed == text.size() && code != json::error::too_deep)) {
    return fail(ErrorKind::kTruncated,
                fmt::format("JSON ends in the middle: {} bytes, {}", with_thousands(text.size()),
                            missing_closers(text)),
                Retry::later());
  }
  if (auto kind = foreign_kind(text.substr(first)); !kind.empty()) {
    return malformed(fmt::format("it starts with `{}`: {}", excerpt(text.substr(first), 15), kind));
  }
  return malformed(reason_of(code, text, consumed));
}

}  // namespace pollux

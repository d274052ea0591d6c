// SPDX-License-Identifier: Apache-2.0
#include "poll/transform/token_lines.hpp"

#include <algorithm>
#include <array>

namespace pollux::transform {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_name(char c) { return starts_name(c) || is_digit(c); }

// The operators of jq 1.6 of more than one character, the longest first.
constexpr auto kOperators = std::to_array<std::string_view>(
    {"?//", "//=", "!=", "==", "//", "|=", "+=", "-=", "*=", "/=", "%=", "<=", ">=", ".."});

std::size_t name_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && in_name(text[size])) ++size;
  // A name may be qualified: module::name.
  while (text.substr(size).starts_with("::") && size + 2 < text.size() && starts_name(text[size + 2])) {
    size += 2;
    while (size < text.size() && in_name(text[size])) ++size;
  }
  return size;
}

std::size_t number_size(std::string_view text) {
  std::size_t size = 0;
  auto digits = [&] {
    while (size < text.size() && is_digit(text[size])) ++size;
  };
  digits();
  if (size < text.size() && text[size] == '.') ++size;
  digits();
  std::size_t exponent = size;
  if (exponent < text.size() && (text[exponent] == 'e' || text[exponent] == 'E')) {
    ++exponent;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    if (exponent < text.size() && is_digit(text[exponent])) {
      size = exponent;
      digits();
    }
  }
  return size;
}

// One token outside of strings; `text` is not empty and starts with neither space, comment nor quote.
std::size_t token_size(std::string_view text) {
  char first = text.front();
  char second = text.size() > 1 ? text[1] : '\0';
  if (is_digit(first) || (first == '.' && is_digit(second))) return number_size(text);
  if (starts_name(first)) return name_size(text);
  if (first == '.' && starts_name(second)) {
    std::size_t size = 1;
    while (size < text.size() && in_name(text[size])) ++size;
    return size;
  }
  if (first == '$' && starts_name(second)) return 1 + name_size(text.substr(1));
  if (first == '@') {
    std::size_t size = 1;
    while (size < text.size() && in_name(text[size])) ++size;
    return size;
  }
  for (std::string_view one : kOperators) {
    if (text.starts_with(one)) return one.size();
  }
  std::size_t size = 1;  // a whole character, should it be none of jq's
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
  return size;
}

// The text of a string up to behind its closing quote, or behind `\(`, or the end; `text` starts inside of
// the string.
std::size_t string_size(std::string_view text, bool& interpolates) {
  interpolates = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] != '\\') continue;
    ++at;
    if (at < text.size() && text[at] == '(') {
      interpolates = true;
      return at + 1;
    }
  }
  return text.size();
}

}  // namespace

TokenLines::TokenLines(std::string_view program) : program_(program) {
  std::vector<int> interpolations;  // for each string that we are inside of: the parentheses open in its \( )
  std::size_t at = 0;
  std::size_t behind = 0;
  auto take_string = [&](std::size_t lead) {
    bool interpolates = false;
    std::size_t size = lead + string_size(program.substr(at + lead), interpolates);
    add(at, size, lead == 1);
    at += size;
    if (interpolates) interpolations.push_back(0);
  };
  while (at < program.size()) {
    char c = program[at];
    if (kSpace.find(c) != std::string_view::npos) {
      ++at;
      continue;
    }
    if (c == '#') {
      at = std::min(program.find('\n', at), program.size());
      continue;
    }
    if (c == '"') {
      take_string(1);
    } else {
      std::size_t size = token_size(program.substr(at));
      add(at, size, true);
      at += size;
      if (c == '(' && !interpolations.empty()) ++interpolations.back();
      if (c == ')' && !interpolations.empty() && --interpolations.back() < 0) {
        interpolations.pop_back();
        take_string(0);  // the rest of the string: a line break here would become a part of it
      }
    }
    behind = at;
  }
  add(behind, 0, true);
}

void TokenLines::add(std::size_t from, std::size_t size, bool on_new_line) {
  if (on_new_line) {
    text_ += '\n';
    ++lines_;
  }
  tokens_.push_back({lines_, from, size});
  std::string_view token = program_.substr(from, size);
  text_ += token;
  lines_ += static_cast<int>(std::ranges::count(token, '\n'));
}

TokenLines::Place TokenLines::place(const Token& token) const {
  std::string_view before = program_.substr(0, token.from);
  auto last = before.rfind('\n');
  std::string_view same_line = last == std::string_view::npos ? before : before.substr(last + 1);
  auto characters =
      std::ranges::count_if(same_line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return {static_cast<int>(std::ranges::count(before, '\n')) + 1, static_cast<int>(characters) + 1,
          program_.substr(token.from, token.size)};
}

TokenLines::Place TokenLines::at(int line) const {
  // The first token of the line; of a line inside a string, the string.
  auto after = std::ranges::lower_bound(tokens_, line, {}, &Token::line);
  if (after == tokens_.end() || (after->line > line && after != tokens_.begin())) --after;
  return place(*after);
}

TokenLines::Place TokenLines::end() const { return place(tokens_.back()); }

}  // namespace pollux::transform

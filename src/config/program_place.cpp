// SPDX-License-Identifier: Apache-2.0
#include "config/program_place.hpp"

#include <algorithm>
#include <tuple>

namespace pollux::config {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// A place in a text that knows its line and column.
class Walk {
 public:
  Walk(std::string_view text, std::size_t at, Mark mark)
      : text_(text), at_(std::min(at, text.size())), mark_(mark) {}

  bool done() const { return at_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  Mark mark() const { return mark_; }
  /// To the next character, or past a line's end.
  void step() {
    bool newline = peek() == '\n';
    do ++at_;
    while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xC0) == 0x80);
    mark_ = newline ? Mark{mark_.line + 1, 1} : Mark{mark_.line, mark_.column + 1};
  }
  void step(std::size_t times) {
    for (; times > 0 && !done(); --times) step();
  }
  void skip_space() {
    while (!done() && is_space(peek())) step();
  }
  void skip_line() {
    while (!done() && peek() != '\n') step();
    if (!done()) step();
  }

 private:
  std::string_view text_;
  std::size_t at_;
  Mark mark_;
};

// How many characters of a double-quoted text make one of its value; 0: no escape stands here. YAML 1.2, 5.7.
std::size_t escape_length(const Walk& source) {
  if (source.peek() != '\\') return 0;
  switch (source.peek(1)) {
    case 'x':
      return 4;
    case 'u':
      return 6;
    case 'U':
      return 10;
    default:
      return 2;
  }
}

bool stands_for_space(const Walk& source) {
  return source.peek() == '\\' &&
         std::string_view("nrt \t\n\r").find(source.peek(1)) != std::string_view::npos;
}

// Walks file and program side by side. White space is where YAML adds and takes away; all else must be equal.
void align(Walk source, char style, const std::string& jq, std::vector<ProgramText::Anchor>& anchors) {
  Walk value(jq, 0, {1, 1});
  std::pair<int, int> shift{-1, -1};
  while (true) {
    value.skip_space();
    source.skip_space();
    while (style == '"' && stands_for_space(source)) {
      source.step(2);
      source.skip_space();
    }
    if (value.done() || source.done()) return;
    std::size_t length = style == '"' ? escape_length(source) : 0;
    if (style == '\'' && source.peek() == '\'' && source.peek(1) == '\'') length = 2;
    if (length == 0 && source.peek() != value.peek()) return;
    Mark here = source.mark();
    Mark there = value.mark();
    std::pair<int, int> now{here.line - there.line, here.column - there.column};
    if (now != shift) anchors.push_back({there.line, there.column, here});
    shift = now;
    source.step(std::max<std::size_t>(length, 1));
    value.step();
  }
}

}  // namespace

Mark place_in_file(const ProgramText& program, int line, int column) {
  auto starts_after = [&](const ProgramText::Anchor& a) {
    return std::tie(a.line, a.column) > std::tie(line, column);
  };
  auto next = std::ranges::find_if(program.anchors, starts_after);
  if (program.anchors.empty()) return program.at;
  const ProgramText::Anchor& anchor = next == program.anchors.begin() ? *next : *std::prev(next);
  return {anchor.at.line + line - anchor.line, std::max(1, anchor.at.column + column - anchor.column)};
}

void place_program(std::string_view source, const Node& node, ProgramText& program) {
  Walk cursor(source, node.offset, node.at);
  // An anchor or a tag stands before the value: "&seconds |".
  while (cursor.peek() == '&' || cursor.peek() == '!') {
    while (!cursor.done() && !is_space(cursor.peek())) cursor.step();
    cursor.skip_space();
  }
  program.at = cursor.mark();
  char style = node.plain ? '\0' : cursor.peek();
  program.block = style == '|' || style == '>';
  if (program.block) {
    cursor.skip_line();
  } else if (style == '"' || style == '\'') {
    cursor.step();
  }
  align(cursor, style, node.text, program.anchors);
  if (program.block && !program.anchors.empty()) {
    program.indent = program.anchors[0].at.column - program.anchors[0].column;
  }
}

}  // namespace pollux::config

// SPDX-License-Identifier: Apache-2.0
#include "config/pieces.hpp"

#include <algorithm>
#include <charconv>

namespace pollux::config {
namespace {

constexpr std::string_view kLiteral = R"re((?:[^$]|\$\$\{|\$(?!\$?\{)))re";
constexpr std::string_view kVariable =
    R"re((?:\$\{(?:(?!(?:file|vcap|each|step|date):|cursor[:}])[A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?|file:[^}]+|vcap:[^.}]+(?:\.[^.}]+)+|each:[^.}[\]]+(?:\.[^.}[\]]+|\[[0-9]{1,9}\])*)\}))re";
constexpr std::string_view kLater =
    R"re((?:\$\{(?:step:[A-Za-z_][A-Za-z0-9_]{0,99}(?:\.[^.}[\]]+|\[[0-9]{1,9}\])*|date:(?:today|yesterday|tomorrow|[+-][0-9]{1,4}d)|cursor(?:\.[^.}[\]]+|\[[0-9]{1,9}\])*)\}))re";

constexpr std::string_view kForms =
    "${NAME}, ${NAME:-default}, ${file:PATH}, ${vcap:service.key} or ${each:NAME}";
constexpr std::string_view kLaterForms =
    "${step:NAME.path[0].x}, ${cursor} or ${date:today|yesterday|tomorrow|-7d|+3d}";

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_name(std::string_view text) {
  return !text.empty() && is_letter(text[0]) &&
         std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c); });
}

PieceFault bad(std::string_view inside, std::string_view expected) {
  return {"`${" + std::string(inside.substr(0, 60)) + "}`", std::string(expected)};
}

std::expected<Piece, PieceFault> step(std::string_view inside) {
  std::string_view rest = inside.substr(5);
  std::size_t end = std::min(rest.find_first_of(".["), rest.size());
  Template::StepRef ref{std::string(rest.substr(0, end)), {}};
  if (!is_name(ref.step) || ref.step.size() > 100)
    return std::unexpected(bad(inside, "${step:NAME.path[0].x}"));
  auto path = parse_path(rest.substr(end));
  if (!path) return std::unexpected(bad(inside, path.error()));
  ref.path = std::move(*path);
  return ref;
}

// "cursor" itself, or something below it.
bool is_cursor(std::string_view inside) {
  constexpr std::string_view kCursor = "cursor";
  return inside.starts_with(kCursor) && (inside.size() == kCursor.size() || inside[kCursor.size()] == '.' ||
                                         inside[kCursor.size()] == '[' || inside[kCursor.size()] == ':');
}

std::expected<Piece, PieceFault> cursor(std::string_view inside) {
  std::string_view below = inside.substr(std::string_view("cursor").size());
  if (below.starts_with(':')) return std::unexpected(bad(inside, "${cursor} or ${cursor.path[0].x}"));
  auto path = parse_path(below);
  if (!path) return std::unexpected(bad(inside, path.error()));
  return Template::CursorRef{std::move(*path)};
}

// What the path leads to is looked up where the item is known.
std::expected<Piece, PieceFault> each(std::string_view inside) {
  std::string_view rest = inside.substr(5);
  std::size_t end = std::min(rest.find_first_of(".["), rest.size());
  if (end == 0 || rest.substr(0, end).find(']') != std::string_view::npos)
    return std::unexpected(bad(inside, "${each:NAME.path[0].x}"));
  if (auto path = parse_path(rest.substr(end)); !path) return std::unexpected(bad(inside, path.error()));
  return VariableRef{VariableRef::From::kEach, std::string(rest), std::nullopt};
}

std::expected<Piece, PieceFault> date(std::string_view inside) {
  std::string_view day = inside.substr(5);
  if (day == "today") return Template::DateRef{0};
  if (day == "yesterday") return Template::DateRef{-1};
  if (day == "tomorrow") return Template::DateRef{1};
  bool signed_days =
      day.size() >= 3 && day.size() <= 6 && (day[0] == '-' || day[0] == '+') && day.back() == 'd';
  std::string_view digits = signed_days ? day.substr(1, day.size() - 2) : "";
  if (digits.empty() || !std::ranges::all_of(digits, is_digit)) {
    return std::unexpected(bad(inside, "${date:today}, yesterday, tomorrow, -7d or +3d"));
  }
  int days = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), days);
  return Template::DateRef{day[0] == '-' ? -days : days};
}

// What stands between ${ and }.
std::expected<Piece, PieceFault> reference(std::string_view inside, bool in_template) {
  using From = VariableRef::From;
  bool later = inside.starts_with("step:") || inside.starts_with("date:") || is_cursor(inside);
  if (later && !in_template) {
    return std::unexpected(
        bad(inside, "steps, dates and the cursor only in a request's path, query, headers, json and form"));
  }
  if (inside.starts_with("step:")) return step(inside);
  if (inside.starts_with("date:")) return date(inside);
  if (inside.starts_with("each:")) return each(inside);
  if (is_cursor(inside)) return cursor(inside);
  if (inside.starts_with("file:") && inside.size() > 5) {
    return VariableRef{From::kFile, std::string(inside.substr(5)), std::nullopt};
  }
  if (inside.starts_with("vcap:")) {
    std::string_view name = inside.substr(5);
    bool dotted = name.find('.') != std::string_view::npos && !name.starts_with('.') &&
                  !name.ends_with('.') && name.find("..") == std::string_view::npos;
    if (dotted) return VariableRef{From::kVcap, std::string(name), std::nullopt};
    return std::unexpected(bad(inside, "${vcap:service.key}"));
  }
  std::size_t colon = inside.find(':');
  std::string_view name = inside.substr(0, colon);
  if (is_name(name) && colon == std::string_view::npos)
    return VariableRef{From::kEnvironment, std::string(name), {}};
  if (is_name(name) && inside.substr(colon).starts_with(":-")) {
    return VariableRef{From::kEnvironment, std::string(name), std::string(inside.substr(colon + 2))};
  }
  std::string forms(kForms);
  if (in_template) forms.append(", ").append(kLaterForms);
  return std::unexpected(bad(inside, forms));
}

}  // namespace

std::expected<PathParts, std::string> parse_path(std::string_view rest) {
  PathParts out;
  while (!rest.empty()) {
    char kind = rest[0];
    if (kind != '.' && kind != '[') return std::unexpected("`.` or `[` before each part");
    rest.remove_prefix(1);
    std::size_t stop = std::min(rest.find_first_of(kind == '[' ? "]" : ".["), rest.size());
    std::string_view part = rest.substr(0, stop);
    if (kind == '[') {
      std::size_t index = 0;
      auto [parsed, error] = std::from_chars(part.data(), part.data() + part.size(), index);
      bool number = error == std::errc() && parsed == part.data() + part.size() && part.size() <= 9;
      if (!number || stop == rest.size()) return std::unexpected("a whole number in [ ]");
      out.emplace_back(index);
      rest.remove_prefix(stop + 1);
      if (!rest.empty() && rest[0] != '.' && rest[0] != '[') return std::unexpected("`.` or `[` after `]`");
    } else {
      if (part.empty() || part.find(']') != std::string_view::npos)
        return std::unexpected("a key after each `.`");
      out.emplace_back(std::string(part));
      rest.remove_prefix(stop);
    }
  }
  return out;
}

std::expected<std::vector<Piece>, PieceFault> parse_pieces(std::string_view text, bool in_template) {
  std::vector<Piece> pieces;
  std::string literal;
  while (!text.empty()) {
    std::size_t dollar = std::min(text.find('$'), text.size());
    literal += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.starts_with("$${")) {
      literal += "${";
      text.remove_prefix(3);
    } else if (text.starts_with("${")) {
      std::size_t end = text.find('}');
      if (end == std::string_view::npos)
        return std::unexpected(PieceFault{"`${` without `}`", "a closing `}`; a literal ${ is written $${"});
      auto piece = reference(text.substr(2, end - 2), in_template);
      if (!piece) return std::unexpected(piece.error());
      if (!literal.empty()) pieces.emplace_back(std::exchange(literal, {}));
      pieces.push_back(std::move(*piece));
      text.remove_prefix(end + 1);
    } else if (!text.empty()) {
      literal += text[0];
      text.remove_prefix(1);
    }
  }
  if (!literal.empty()) pieces.emplace_back(std::move(literal));
  return pieces;
}

std::string text_pattern() {
  return std::string("^(?:").append(kLiteral).append("|").append(kVariable).append(")*$");
}

std::string varied_pattern() {
  return std::string("^")
      .append(kLiteral)
      .append("*")
      .append(kVariable)
      .append("(?:")
      .append(kLiteral)
      .append("|")
      .append(kVariable)
      .append(")*$");
}

std::string poll_name_pattern() {
  constexpr std::string_view kLetters = "[A-Za-z0-9_.-]*";
  return std::string("^(?:[A-Za-z_][A-Za-z0-9_.-]{0,99}|")
      .append(kLetters)
      .append(kVariable)
      .append("(?:")
      .append(kLetters)
      .append(kVariable)
      .append(")*")
      .append(kLetters)
      .append(")$");
}

std::string template_pattern() {
  return std::string("^(?:").append(kLiteral).append("|").append(kVariable).append("|").append(kLater).append(
      ")*$");
}

}  // namespace pollux::config

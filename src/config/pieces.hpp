#pragma once
// SPDX-License-Identifier: Apache-2.0
// The grammar of ${...} inside a value, without its meaning: text in, pieces out. The patterns are the same
// grammar for the JSON Schema (ECMA 262). `$${` is a literal `${`. Pure functions.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.hpp"

namespace pollux::config {

struct VariableRef {
  enum class From { kEnvironment, kFile, kVcap, kEach };
  From from = From::kEnvironment;
  std::string name;                     // NAME, PATH, service.key or agency.name
  std::optional<std::string> fallback;  // ${NAME:-fallback}
};

using Piece =
    std::variant<std::string, VariableRef, Template::StepRef, Template::DateRef, Template::CursorRef>;

/// What is wrong, and what could stand there.
struct PieceFault {
  std::string found;
  std::string expected;
  std::string mend = {};
};

/// With `in_template`, ${step:...}, ${date:...} and ${cursor} too.
std::expected<std::vector<Piece>, PieceFault> parse_pieces(std::string_view text, bool in_template);

/// ".items[0].id": keys and indexes, none for ""; or what could stand there.
using PathParts = std::vector<std::variant<std::string, std::size_t>>;
std::expected<PathParts, std::string> parse_path(std::string_view text);

/// The whole of a value that may hold variables / that must hold one / that may hold what a run fills in too.
std::string text_pattern();
std::string varied_pattern();
std::string template_pattern();
/// A poll's name: plain, or with variables in it.
std::string poll_name_pattern();

}  // namespace pollux::config

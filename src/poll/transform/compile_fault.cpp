// SPDX-License-Identifier: Apache-2.0
#include "poll/transform/compile_fault.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "poll/transform/protocol.hpp"

namespace pollux::transform {
namespace {

constexpr std::string_view kBefore = "jq: error: ";
constexpr std::string_view kPlace = " at <top-level>, line ";

struct Said {
  std::string what;
  int line = 0;  // 0: not told
};

// "jq: error: foo/0 is not defined at <top-level>, line 2:\n foo(1)] ": what, line, and an excerpt that we do
// not need.
std::optional<Said> read(std::string_view message) {
  if (!message.starts_with(kBefore)) return std::nullopt;  // "jq: 2 compile errors"
  message.remove_prefix(kBefore.size());
  auto place = message.find(kPlace);
  if (place == std::string_view::npos) return Said{std::string(message), 0};
  Said said{std::string(message.substr(0, place)), 0};
  std::string_view number = message.substr(place + kPlace.size());
  std::from_chars(number.data(), number.data() + number.size(), said.line);
  return said;
}

std::vector<Said> read_all(std::span<const std::string> messages) {
  std::vector<Said> out;
  for (const std::string& message : messages) {
    if (auto said = read(message)) out.push_back(std::move(*said));
  }
  return out;
}

void replace(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

bool at_end(const std::string& what) { return what.find("unexpected $end") != std::string::npos; }

std::string reworded(std::string what, std::string_view token) {
  if (at_end(what) && what.find("QQSTRING_END") != std::string::npos)
    return "a string is not closed: its \" is missing";
  replace(what, " (Unix shell quoting issues?)", "");
  replace(what, "$*label-", "label $");
  // The grammar's word for what was found becomes the thing itself.
  auto unexpected = what.find("unexpected ");
  if (unexpected != std::string::npos && !at_end(what) && !token.empty()) {
    auto from = unexpected + 11;
    auto to = std::min(what.find(", expecting", from), what.size());
    what.replace(from, to - from, "`" + printable(token, 40) + "`");
  }
  replace(what, "$end", "the end of the program");
  replace(what, "QQSTRING_START", "a string");
  replace(what, "IDENT", "a name");
  replace(what, "FORMAT", "a format such as @csv");
  return printable(what);
}

}  // namespace

std::vector<CompileFault> faults_of(std::span<const std::string> said, std::span<const std::string> spread,
                                    const TokenLines& tokens) {
  auto first = read_all(said);
  auto second = read_all(spread);
  bool same = std::ranges::equal(first, second, {}, &Said::what, &Said::what);
  std::vector<CompileFault> faults;
  for (std::size_t i = 0; i < first.size() && faults.size() < kMostFaults; ++i) {
    CompileFault fault{std::max(first[i].line, 1), 0, {}};
    std::string_view token;
    if (same && second[i].line > 0) {
      auto place = at_end(first[i].what) ? tokens.end() : tokens.at(second[i].line);
      fault.line = place.line;
      fault.column = place.column;
      token = place.token;
    }
    fault.message = reworded(std::move(first[i].what), token);
    faults.push_back(std::move(fault));
  }
  if (faults.empty()) faults.push_back({1, 0, "does not compile"});
  return faults;
}

}  // namespace pollux::transform

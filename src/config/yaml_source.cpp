// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_source.hpp"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>

#include "config/yaml_tree.hpp"

namespace pollux::config {
namespace {

constexpr std::size_t kLargest = 64U << 20;

// Length of the UTF-8 sequence at `at` (RFC 3629), 0 if there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    return follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    return follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && follows(2) && follows(3)
               ? 4
               : 0;
  }
  return 0;
}

// `{ path: /x/${NAME} }` is what everybody writes, and not YAML: a plain text inside braces cannot hold
// braces. So the characters that YAML would take for its own stand in for control characters, which no file
// may hold, while yaml-cpp reads; byte for byte, so that every place stays where it is. unshield() undoes it
// in each scalar.
constexpr std::string_view kYamlsOwn = "{}[],";
constexpr std::string_view kStandIns = "\x01\x02\x03\x05\x06";  // not \x04, which yaml-cpp takes for the end

std::string shield_variables(std::string_view text) {
  std::string out(text);
  for (std::size_t from = out.find("${"); from != std::string::npos; from = out.find("${", from + 2)) {
    std::size_t end = out.find_first_of("}'\"\n", from);
    if (end == std::string::npos || out[end] != '}')
      continue;  // not closed before its quotes or its line end
    for (std::size_t i = from + 1; i <= end; ++i) {
      if (auto own = kYamlsOwn.find(out[i]); own != std::string_view::npos) out[i] = kStandIns[own];
    }
  }
  return out;
}

bool all_of(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view kDigits = "0123456789";

std::string without_leading_zeros(std::string_view digits) {
  return std::string(digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1)));
}

std::optional<std::string> integer(std::string_view text) {
  for (auto [prefix, base] : {std::pair<std::string_view, int>{"0x", 16}, {"0o", 8}}) {
    if (!text.starts_with(prefix)) continue;
    unsigned long long value = 0;
    auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return std::to_string(value);
  }
  bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  if (!all_of(text, kDigits)) return std::nullopt;
  std::string digits = without_leading_zeros(text);
  return minus && digits != "0" ? "-" + digits : digits;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
std::optional<std::string> decimal(std::string_view text) {
  std::string out = text.starts_with('-') ? "-" : "";
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  std::size_t e = text.find_first_of("eE");
  std::string_view mantissa = text.substr(0, e);
  std::size_t dot = mantissa.find('.');
  std::string_view whole = mantissa.substr(0, dot);
  std::string_view fraction = dot == std::string_view::npos ? "" : mantissa.substr(dot + 1);
  if (!whole.empty() && !all_of(whole, kDigits)) return std::nullopt;
  if (!fraction.empty() && !all_of(fraction, kDigits)) return std::nullopt;
  if (whole.empty() && fraction.empty()) return std::nullopt;
  out += whole.empty() ? "0" : without_leading_zeros(whole);
  if (!fraction.empty()) out.append(".").append(fraction);
  if (e == std::string_view::npos) return fraction.empty() ? out + ".0" : out;
  std::string_view exponent = text.substr(e + 1);
  std::string_view digits =
      exponent.starts_with('-') || exponent.starts_with('+') ? exponent.substr(1) : exponent;
  if (!all_of(digits, kDigits)) return std::nullopt;
  return out.append("e").append(exponent);
}

}  // namespace

// yaml-cpp takes some control characters for the end.
std::optional<YamlFault> bad_character(std::string_view text) {
  Mark at{1, 1};
  for (std::size_t i = 0; i < text.size();) {
    auto c = static_cast<unsigned char>(text[i]);
    std::size_t length = sequence_length(text, i);
    if (length == 0) return YamlFault{at, "a byte that is not UTF-8", "a file in UTF-8"};
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) {
      return YamlFault{at, "a control character",
                       "readable text; in double quotes it can be written as \\u00XX"};
    }
    at = c == '\n' ? Mark{at.line + 1, 1} : Mark{at.line, at.column + 1};
    i += length;
  }
  return std::nullopt;
}

void unshield(std::string& text) {
  const std::string begin{'$', kStandIns[0]};
  for (std::size_t from = text.find(begin); from != std::string::npos; from = text.find(begin, from + 2)) {
    std::size_t end = text.find(kStandIns[1], from);
    if (end == std::string::npos) continue;
    for (std::size_t i = from + 1; i <= end; ++i) {
      if (auto stand_in = kStandIns.find(text[i]); stand_in != std::string_view::npos)
        text[i] = kYamlsOwn[stand_in];
    }
  }
}

const Node::Entry* Node::find(std::string_view key) const {
  auto found = std::ranges::find(entries, key, &Entry::key);
  return found == entries.end() ? nullptr : &*found;
}

YamlDocument parse_yaml(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.size() > kLargest) return {nullptr, {{{}, "more than 64 MiB", "a smaller file"}}};
  if (auto bad = bad_character(text)) return {nullptr, {*bad}};
  YamlTree tree(text);
  try {
    std::istringstream in(shield_variables(text));
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(tree)) return {std::make_shared<Node>(), {}};
    NodePtr root = tree.root() ? tree.root() : std::make_shared<Node>();
    YamlTree second(text);
    if (parser.HandleNextDocument(second)) {
      Mark at = second.root() ? second.root()->at : Mark{};
      tree.faults().push_back({at, "a second document", "one document"});
    }
    return {std::move(root), std::move(tree.faults())};
  } catch (const YamlTree::Stop& stop) {
    tree.faults().push_back(stop.fault);
  } catch (const YAML::Exception& error) {
    tree.faults().push_back(
        {tree.mark_of(error.mark), "not YAML here (" + error.msg + ")",
         "YAML; inside { } and [ ], a text that holds one of {}[],? must stand in quotes"});
  }
  return {nullptr, std::move(tree.faults())};
}

Resolved resolve(const Node& node) {
  using Type = Resolved::Type;
  if (node.is(Node::Kind::kNull)) return {Type::kNull, "null"};
  if (!node.is(Node::Kind::kScalar) || !node.plain) return {};
  const std::string& text = node.text;
  if (text == "true" || text == "True" || text == "TRUE") return {Type::kBool, "true"};
  if (text == "false" || text == "False" || text == "FALSE") return {Type::kBool, "false"};
  if (auto found = integer(text)) return {Type::kInteger, *found};
  if (auto found = decimal(text)) return {Type::kFloat, *found};
  return {};
}

}  // namespace pollux::config

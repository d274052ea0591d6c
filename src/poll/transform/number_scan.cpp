// SPDX-License-Identifier: Apache-2.0
#include "poll/transform/number_scan.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

#include "poll/transform/protocol.hpp"

namespace pollux::transform {
namespace {

constexpr std::string_view kLastExact = "9007199254740992";  // 2^53

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool in_number(char c) { return is_digit(c) || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-'; }

// From behind the opening quote to behind the closing one (or the end).
std::size_t after_string(std::string_view json, std::size_t at) {
  for (;;) {
    const void* found = at < json.size() ? std::memchr(json.data() + at, '"', json.size() - at) : nullptr;
    if (found == nullptr) return json.size();
    auto quote = static_cast<std::size_t>(static_cast<const char*>(found) - json.data());
    std::size_t slashes = 0;
    while (quote - slashes > at && json[quote - slashes - 1] == '\\') ++slashes;
    if (slashes % 2 == 0) return quote + 1;
    at = quote + 1;
  }
}

// `digits` without sign and leading zeros.
bool beyond_exact_integers(std::string_view digits) {
  return digits.size() > kLastExact.size() || (digits.size() == kLastExact.size() && digits > kLastExact);
}

bool inexact(std::string_view number) {
  if (number.size() <= 15 && number.find_first_of("eE") == std::string_view::npos) return false;
  if (number.starts_with('-')) number.remove_prefix(1);
  std::size_t exponent = std::min(number.find_first_of("eE"), number.size());
  std::string digits;
  for (char c : number.substr(0, exponent)) {
    if (is_digit(c)) digits += c;
  }
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty()) return false;  // 0, however it is written
  bool integer = exponent == number.size() && number.find('.') == std::string_view::npos;
  if (integer) return beyond_exact_integers(digits);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.size() > 17) return true;
  double value = 0;
  auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  return read.ec == std::errc::result_out_of_range || !std::isfinite(value) || value == 0;
}

struct Place {
  std::size_t from;
  std::size_t size;
};

std::optional<Place> find_inexact(std::string_view json) {
  std::size_t at = 0;
  while (at < json.size()) {
    char c = json[at];
    if (c == '"') {
      at = after_string(json, at + 1);
    } else if (is_digit(c) || c == '-') {
      std::size_t end = at + 1;
      while (end < json.size() && in_number(json[end])) ++end;
      if (inexact(json.substr(at, end - at))) return Place{at, end - at};
      at = end;
    } else {
      ++at;
    }
  }
  return std::nullopt;
}

bool is_name(std::string_view key) {
  auto starts = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !key.empty() && starts(key.front()) &&
         std::ranges::all_of(key, [&](char c) { return starts(c) || is_digit(c); });
}

struct Level {
  bool object = false;
  std::size_t index = 0;
  std::string_view key;  // as it stands in the text, still escaped
};

// The way to the value that stands at `target`: walked only once something was found.
std::string path_to(std::string_view json, std::size_t target) {
  std::vector<Level> levels;
  for (std::size_t at = 0; at < target;) {
    char c = json[at];
    if (c == '"') {
      std::size_t end = after_string(json, at + 1);
      std::string_view text = json.substr(at + 1, end > at + 2 ? end - at - 2 : 0);
      // In an object, the last string before a number is its key.
      if (!levels.empty() && levels.back().object) levels.back().key = text;
      at = end;
      continue;
    }
    if (c == '{' || c == '[') levels.push_back({c == '{', 0, {}});
    if ((c == '}' || c == ']') && !levels.empty()) levels.pop_back();
    if (c == ',' && !levels.empty()) ++levels.back().index;
    ++at;
  }
  std::string path;
  for (const Level& level : levels) {
    if (!level.object)
      path += (path.empty() ? ".[" : "[") + std::to_string(level.index) + "]";
    else if (is_name(level.key))
      path.append(".").append(level.key);
    else
      path.append(path.empty() ? ".[\"" : "[\"").append(level.key).append("\"]");
  }
  return path.empty() ? "." : printable(path, 200);
}

}  // namespace

std::optional<InexactNumber> first_inexact(std::string_view json) {
  auto place = find_inexact(json);
  if (!place) return std::nullopt;
  return InexactNumber{path_to(json, place->from), printable(json.substr(place->from, place->size), 40)};
}

std::string describe(const InexactNumber& number) {
  std::string_view digits = number.text;
  if (digits.ends_with("...")) digits.remove_suffix(3);  // shortened
  bool integer = digits.find_first_of(".eE") == std::string_view::npos;
  return number.path + ": " +
         (integer ? "the integer " + number.text + " is beyond 2^53 and jq would change its last digits"
                  : "the number " + number.text + " has more digits or a greater exponent than jq can keep") +
         "; publish it without `transform`, or allow rounding with `large_integers: round`";
}

}  // namespace pollux::transform

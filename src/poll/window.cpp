// SPDX-License-Identifier: Apache-2.0
#include "poll/window.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/encoding.hpp"
#include "base/json_slice.hpp"
#include "base/units.hpp"

namespace pollux::poll {
namespace {

using Rows = std::vector<std::string_view>;

// 9999-12-31: a greater number of seconds is one of milliseconds, and would never grow old.
constexpr double kLatest = 253'402'300'799;

std::unexpected<Error> bad_row(std::size_t index, const std::string& what) {
  return fail(ErrorKind::kRejected, fmt::format("row {} of this run: {}", index, what));
}

// What a row is known by: a number by its digits, a text however it is escaped. nullopt: nothing, or nothing
// that can be compared.
std::optional<std::string> key_of(std::string_view row, const JsonPath& path) {
  auto found = json_at(row, path);
  if (!found || !*found) return std::nullopt;
  std::string_view value = **found;
  if (value == "null" || value.starts_with('{') || value.starts_with('[')) return std::nullopt;
  if (auto text = json_unquote(value)) return json_quote(*text);
  return std::string(value);
}

std::optional<Time> time_of(std::string_view row, const JsonPath& path) {
  auto found = json_at(row, path);
  if (!found || !*found) return std::nullopt;
  std::string_view value = **found;
  if (auto text = json_unquote(value)) return parse_time(*text);
  double seconds = 0;
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  bool number = error == std::errc() && end == value.data() + value.size();
  if (!number || std::abs(seconds) > kLatest) return std::nullopt;
  return Time(Millis(static_cast<std::int64_t>(std::floor(seconds * 1000))));
}

Result<Rows> rows_of(std::string_view made) {
  auto first = made.find_first_not_of(" \t\r\n");
  std::string_view value = first == std::string_view::npos ? "" : made.substr(first);
  if (value.starts_with('[')) return json_items(value);
  auto row = json_at(value, {});
  if (!row) return std::unexpected(row.error());
  if (**row == "null") return Rows{};
  return Rows{**row};
}

class Roll {
 public:
  explicit Roll(const config::Window& policy) : policy_(policy) {}

  // A row that was good when it came stays, also when the policy has become another one since.
  void take_old(Rows rows) {
    rows_ = std::move(rows);
    if (policy_.key.empty()) return;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (auto key = key_of(rows_[i], policy_.key)) places_.insert_or_assign(std::move(*key), i);
    }
  }

  Result<void> take_new(const Rows& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (policy_.age > Millis(0) && !time_of(rows[i], policy_.time)) {
        return bad_row(i,
                       fmt::format("no time at {}, in Unix seconds or as RFC 3339", describe(policy_.time)));
      }
      if (policy_.key.empty()) {
        rows_.push_back(rows[i]);
        continue;
      }
      auto key = key_of(rows[i], policy_.key);
      if (!key)
        return bad_row(i, fmt::format("no text or number at {}, the window's key", describe(policy_.key)));
      auto [place, is_new] = places_.emplace(std::move(*key), rows_.size());
      if (is_new) {
        rows_.push_back(rows[i]);
      } else {
        rows_[place->second] = rows[i];
      }
    }
    return {};
  }

  std::string text(Time now) {
    if (policy_.age > Millis(0)) {
      std::erase_if(rows_, [&](std::string_view row) {
        auto time = time_of(row, policy_.time);
        return time && *time < now - policy_.age;
      });
    }
    std::size_t from = policy_.last > 0 && rows_.size() > policy_.last ? rows_.size() - policy_.last : 0;
    std::string out = "[";
    for (std::size_t i = from; i < rows_.size(); ++i) {
      if (i > from) out += ",\n";
      out += rows_[i];
    }
    return out + "]";
  }

 private:
  const config::Window& policy_;
  Rows rows_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

Result<std::string> roll(std::string_view window, std::string_view made, const config::Window& policy,
                         Time now) {
  Roll roll(policy);
  if (!window.empty()) {
    auto old = json_items(window);
    if (!old)
      return fail(ErrorKind::kState, "the window in the state cannot be read: " + old.error().message);
    roll.take_old(std::move(*old));
  }
  auto rows = rows_of(made);
  if (!rows) return std::unexpected(rows.error());
  if (auto taken = roll.take_new(*rows); !taken) return std::unexpected(taken.error());
  return roll.text(now);
}

}  // namespace pollux::poll

// SPDX-License-Identifier: Apache-2.0
#include "base/units.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <ctime>

namespace pollux {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct Unit {
  std::string_view name;
  Millis length;
};
constexpr std::array<Unit, 5> kUnits{
    {{"d", days(1)}, {"h", hours(1)}, {"m", minutes(1)}, {"s", seconds(1)}, {"ms", Millis(1)}}};

struct SizeUnit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr std::array<SizeUnit, 8> kSizes{{{"", 1},
                                          {"B", 1},
                                          {"kB", 1'000},
                                          {"MB", 1'000'000},
                                          {"GB", 1'000'000'000},
                                          {"KiB", 1ULL << 10},
                                          {"MiB", 1ULL << 20},
                                          {"GiB", 1ULL << 30}}};

// Takes a whole number of at most 9 digits from the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t value = 0;
  std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == std::string_view::npos) digits = text.size();
  if (digits == 0 || digits > 9) return std::nullopt;
  std::from_chars(text.data(), text.data() + digits, value);
  text.remove_prefix(digits);
  return value;
}

// Takes exactly `width` digits from the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int value = 0;
  for (char c : text.substr(0, width)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  std::chrono::year_month_day date{std::chrono::year(*year),
                                   std::chrono::month(static_cast<unsigned>(*month)),
                                   std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<Millis> take_time_of_day(std::string_view& text) {
  auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  auto minute = take_digits(text, 2);
  if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
  auto second = take_digits(text, 2);
  if (!second || *second > 59) return std::nullopt;
  Millis time = hours(*hour) + minutes(*minute) + seconds(*second);
  if (take(text, '.')) {
    auto fraction = text.find_first_not_of("0123456789");
    if (fraction == 0 || fraction == std::string_view::npos) return std::nullopt;
    int scale = 100;
    for (char c : text.substr(0, std::min<std::size_t>(fraction, 3))) {
      time += Millis((c - '0') * scale);
      scale /= 10;
    }
    text.remove_prefix(fraction);
  }
  return time;
}

std::optional<Millis> take_offset(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return Millis(0);
  int sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
  if (sign == 0) return std::nullopt;
  auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  return sign * (hours(*hour) + minutes(*minute));
}

std::tm broken_down(Time time) {
  auto whole = std::chrono::floor<seconds>(time);
  // Not by system_clock: its nanoseconds overflow after the year 2262.
  return fmt::gmtime(static_cast<std::time_t>(whole.time_since_epoch().count()));
}

}  // namespace

std::optional<Millis> parse_duration(std::string_view text) {
  Millis total{0};
  std::size_t next_unit = 0;
  while (!text.empty()) {
    auto number = take_number(text);
    if (!number) return std::nullopt;
    std::size_t letters = std::min(text.find_first_of("0123456789"), text.size());
    std::string_view name = text.substr(0, letters);
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kUnits.size()) return std::nullopt;
    total += kUnits[next_unit++].length * static_cast<std::int64_t>(*number);
    text.remove_prefix(letters);
  }
  if (total <= Millis(0)) return std::nullopt;
  return total;
}

std::string format_duration(Millis duration) {
  if (duration <= Millis(0)) return "0s";
  std::string out;
  for (const Unit& unit : kUnits) {
    if (auto count = duration / unit.length; count > 0) {
      out += fmt::format("{}{}", count, unit.name);
      duration -= unit.length * count;
    }
  }
  return out;
}

std::string describe_duration(Millis d) {
  if (d < Millis(0)) d = Millis(0);
  if (d < seconds(1)) return fmt::format("{} ms", d.count());
  if (d < minutes(1)) return fmt::format("{:.1f} s", static_cast<double>(d.count()) / 1000);
  if (d < hours(1)) return fmt::format("{} min {} s", d / minutes(1), d % minutes(1) / seconds(1));
  if (d < days(1)) return fmt::format("{} h {} min", d / hours(1), d % hours(1) / minutes(1));
  return fmt::format("{} d {} h", d / days(1), d % days(1) / hours(1));
}

std::optional<Bytes> parse_bytes(std::string_view text) {
  auto number = take_number(text);
  if (!number) return std::nullopt;
  for (const SizeUnit& unit : kSizes) {
    if (unit.name == text) return Bytes{*number * unit.factor};
  }
  return std::nullopt;
}

std::string describe_bytes(Bytes bytes) {
  auto count = static_cast<double>(bytes.count);
  if (bytes.count < 1'000) return fmt::format("{} bytes", bytes.count);
  if (bytes.count >= (1ULL << 20) && bytes.count % (1ULL << 20) == 0)
    return fmt::format("{} MiB", bytes.count >> 20);
  if (bytes.count < 1'000'000) return fmt::format("{:.1f} kB", count / 1e3);
  if (bytes.count < 1'000'000'000) return fmt::format("{:.1f} MB", count / 1e6);
  return fmt::format("{:.1f} GB", count / 1e9);
}

std::string format_time(Time time) {
  std::tm t =
      broken_down(time);  // by hand: RFC 3339 wants four digits of the year, %Y gives as many as there are
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday,
                     t.tm_hour, t.tm_min, t.tm_sec);
}

std::optional<Time> parse_time(std::string_view text) {
  auto date = take_date(text);
  if (!date) return std::nullopt;
  if (text.empty()) return Time(*date);
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  auto time = take_time_of_day(text);
  if (!time) return std::nullopt;
  auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return Time(*date) + *time - *offset;
}

std::string format_http_date(Time time) {
  constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm t = broken_down(time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[static_cast<std::size_t>(t.tm_wday)],
                     t.tm_mday, kMonths[static_cast<std::size_t>(t.tm_mon)], t.tm_year + 1900, t.tm_hour,
                     t.tm_min, t.tm_sec);
}

}  // namespace pollux

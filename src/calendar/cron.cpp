// SPDX-License-Identifier: Apache-2.0
#include "calendar/cron.hpp"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

namespace pollux::calendar {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                   "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdays{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

constexpr std::string_view kBlank = " \t";

struct Field {
  std::string_view name;
  int low;
  int high;
  std::span<const std::string_view> names;  // names[0] stands for `low`
  std::string_view may_be;
  std::string_view number_pattern;
};

constexpr std::array<Field, 5> kFields{{
    {"minute", 0, 59, {}, "0 to 59", "[0-5]?[0-9]"},
    {"hour", 0, 23, {}, "0 to 23", "([01]?[0-9]|2[0-3])"},
    {"day of month", 1, 31, {}, "1 to 31", "(0?[1-9]|[12][0-9]|3[01])"},
    {"month", 1, 12, kMonths, "1 to 12 or JAN to DEC", "(0?[1-9]|1[0-2])"},
    {"day of week", 0, 7, kWeekdays, "0 to 7 or SUN to SAT", "0?[0-7]"},
}};

struct Macro {
  std::string_view name;
  std::string_view fields;
};
constexpr std::array<Macro, 7> kMacros{{{"@hourly", "0 * * * *"},
                                        {"@daily", "0 0 * * *"},
                                        {"@midnight", "0 0 * * *"},
                                        {"@weekly", "0 0 * * 0"},
                                        {"@monthly", "0 0 1 * *"},
                                        {"@yearly", "0 0 1 1 *"},
                                        {"@annually", "0 0 1 1 *"}}};

bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::toupper(static_cast<unsigned char>(a[i])) != std::toupper(static_cast<unsigned char>(b[i])))
      return false;
  }
  return true;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t from = 0;;) {
    std::size_t to = text.find(separator, from);
    parts.push_back(text.substr(from, to - from));
    if (to == std::string_view::npos) return parts;
    from = to + 1;
  }
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t from = text.find_first_not_of(kBlank); from != std::string_view::npos;) {
    std::size_t to = text.find_first_of(kBlank, from);
    out.push_back(text.substr(from, to - from));
    from = text.find_first_not_of(kBlank, to);
  }
  return out;
}

// One or two digits: no field goes beyond 59, so more is a mistake.
std::optional<int> number(std::string_view text) {
  if (text.empty() || text.size() > 2) return std::nullopt;
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<int> value_of(const Field& field, std::string_view text) {
  for (std::size_t i = 0; i < field.names.size(); ++i) {
    if (same_word(field.names[i], text)) return field.low + static_cast<int>(i);
  }
  auto value = number(text);
  if (!value || *value < field.low || *value > field.high) return std::nullopt;
  return value;
}

std::unexpected<Error> refuse(const Field& field, std::string_view found, std::string_view why) {
  return fail(ErrorKind::kUsage, fmt::format("{}: `{}` {}", field.name, found.substr(0, 40), why));
}

std::unexpected<Error> not_a_value(const Field& field, std::string_view found) {
  return refuse(field, found, fmt::format("is not a value; it may be {}", field.may_be));
}

struct Span {
  int first;
  int last;
};

Result<Span> span_of(const Field& field, std::string_view text) {
  if (text == "*") return Span{field.low, field.names.size() == 7 ? 6 : field.high};
  std::size_t dash = text.find('-');
  auto first = value_of(field, text.substr(0, dash));
  if (!first) return not_a_value(field, text.substr(0, dash));
  if (dash == std::string_view::npos) return Span{*first, *first};
  std::string_view end = text.substr(dash + 1);
  auto last = value_of(field, end);
  if (!last) return not_a_value(field, end);
  // FRI-SUN: the week's end is 7 there.
  if (field.names.size() == 7 && same_word(end, "SUN") && *first > 0) last = 7;
  if (*last < *first) return refuse(field, text, "runs backwards; a range goes from low to high");
  return Span{*first, *last};
}

// One item of a list: value, range or *, with an optional step.
Result<std::vector<int>> item(const Field& field, std::string_view text) {
  std::size_t slash = text.find('/');
  std::string_view range = text.substr(0, slash);
  auto span = span_of(field, range);
  if (!span) return std::unexpected(span.error());
  int step = 1;
  if (slash != std::string_view::npos) {
    std::string_view step_text = text.substr(slash + 1);
    if (range != "*" && range.find('-') == std::string_view::npos) {
      return refuse(field, text,
                    fmt::format("has a step but no range; write {}-{}/{}", range, field.high, step_text));
    }
    auto wanted = number(step_text);
    if (!wanted || *wanted < 1 || *wanted > field.high) {
      return refuse(field, text, fmt::format("has no good step; a step may be 1 to {}", field.high));
    }
    step = *wanted;
  }
  std::vector<int> values;
  for (int value = span->first; value <= span->last; value += step) values.push_back(value);
  return values;
}

template <std::size_t N>
Result<void> read_field(const Field& field, std::string_view text, std::bitset<N>& out) {
  for (std::string_view part : split(text, ',')) {
    auto values = item(field, part);
    if (!values) return std::unexpected(values.error());
    // Only the day of week has more values than places: 7 is Sunday again.
    for (int value : *values) out.set(static_cast<std::size_t>(value) % N);
  }
  return {};
}

}  // namespace

Result<CronExpression> parse_cron(std::string_view text) {
  CronExpression cron;
  cron.text = text;
  auto fields = words(text);
  if (fields.size() == 1 && fields[0].starts_with('@')) {
    for (const Macro& macro : kMacros) {
      if (same_word(macro.name, fields[0])) fields = words(macro.fields);
    }
    if (fields.size() == 1) {
      return fail(ErrorKind::kUsage,
                  fmt::format("`{}` is unknown; it may be @hourly, @daily, @midnight, @weekly, "
                              "@monthly, @yearly or @annually",
                              fields[0].substr(0, 40)));
    }
  }
  if (fields.size() != kFields.size()) {
    return fail(ErrorKind::kUsage,
                fmt::format("{} fields where 5 are needed: minute hour day-of-month month day-of-week",
                            fields.size()));
  }
  auto read = read_field(kFields[0], fields[0], cron.minutes);
  if (read) read = read_field(kFields[1], fields[1], cron.hours);
  if (read) read = read_field(kFields[2], fields[2], cron.days);
  if (read) read = read_field(kFields[3], fields[3], cron.months);
  if (read) read = read_field(kFields[4], fields[4], cron.weekdays);
  if (!read) return std::unexpected(read.error());
  cron.any_day = fields[2].starts_with('*');
  cron.any_weekday = fields[4].starts_with('*');
  return cron;
}

std::string cron_pattern() {
  auto any_case = [](std::string_view word) {
    std::string out;
    for (char c : word) {
      out += fmt::format("[{}{}]", c, static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
    return out;
  };
  std::string fields;
  for (const Field& field : kFields) {
    std::string value(field.number_pattern);
    for (std::string_view name : field.names) value += "|" + any_case(name);
    // A step is a number from 1 to the field's highest value.
    std::string step = field.high == 59   ? "0?[1-9]|[1-5][0-9]"
                       : field.high == 23 ? "0?[1-9]|1[0-9]|2[0-3]"
                       : field.high == 31 ? "0?[1-9]|[12][0-9]|3[01]"
                       : field.high == 12 ? "0?[1-9]|1[0-2]"
                                          : "0?[1-7]";
    std::string one = fmt::format("(\\*(/({1}))?|({0})(-({0})(/({1}))?)?)", value, step);
    fields += fmt::format("{}{}(,{})*", fields.empty() ? "" : "[ \\t]+", one, one);
  }
  std::string macros;
  for (const Macro& macro : kMacros) macros += (macros.empty() ? "" : "|") + any_case(macro.name.substr(1));
  return fmt::format("^[ \\t]*({}|@({}))[ \\t]*$", fields, macros);
}

}  // namespace pollux::calendar

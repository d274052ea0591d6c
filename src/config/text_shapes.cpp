// SPDX-License-Identifier: Apache-2.0
#include "config/text_shapes.hpp"

#include <algorithm>
#include <charconv>

#include "calendar/schedule_rule.hpp"
#include "config/text_rule.hpp"

namespace pollux::config {
namespace {

namespace json = boost::json;

// One line, not empty. Values end in headers, paths and log lines, where a line break would be an injection.
constexpr std::string_view kLine = R"re(^[^\x00\r\n]+$)re";
constexpr std::string_view kLineOrNothing = R"re(^[^\x00\r\n]*$)re";

bool is_line(const std::string& text) {
  return text.find_first_of(std::string_view("\0\r\n", 3)) == std::string::npos;
}

Parsed<std::string> parse_line(const std::string& text) {
  if (text.empty() || !is_line(text)) return std::unexpected("");
  return text;
}

// kDurationPattern without its anchors, so that two of them can stand in one pattern.
std::string duration_part() {
  std::string_view body = kDurationPattern;
  body.remove_prefix(std::string_view("^(?=.*[1-9])").size());
  body.remove_suffix(1);
  return "(?=[0-9a-z]*[1-9])" + std::string(body);
}

Parsed<RetryPolicy> parse_backoff(const std::string& text) {
  std::size_t dots = text.find("..");
  auto from = parse_duration(text.substr(0, dots));
  auto to = dots == std::string::npos ? std::nullopt : parse_duration(text.substr(dots + 2));
  if (!from || !to) return std::unexpected("");
  if (*to < *from) return std::unexpected("the second must not be shorter than the first");
  RetryPolicy policy;
  policy.backoff_from = *from;
  policy.backoff_to = *to;
  return policy;
}

Parsed<calendar::CronExpression> parse_cron_text(const std::string& text) {
  auto cron = calendar::parse_cron(text);
  if (!cron) return std::unexpected(cron.error().message);
  // Any day will do: what has no slot in the eight years from here has none ever ("30 2 30 2 *").
  Time some_day = std::chrono::sys_days(std::chrono::year(2024) / 1 / 1);
  if (!calendar::next_slot(calendar::CronRule{*cron, "UTC"}, some_day))
    return std::unexpected("that day never comes");
  return *cron;
}

}  // namespace

json::object defined(const char* definition) {
  return {{"$ref", std::string("#/definitions/") + definition}};
}

json::object or_varied(json::object schema) {
  json::array any;
  any.emplace_back(std::move(schema));
  any.emplace_back(defined("varied"));
  return {{"anyOf", std::move(any)}};
}

json::object text_with_pattern(const std::string& pattern) {
  json::array all;
  all.emplace_back(defined("text"));
  all.emplace_back(json::object{{"type", "string"}, {"pattern", pattern}});
  return {{"allOf", std::move(all)}};
}

json::object text_rule_schema(const std::string& pattern, bool free, std::size_t from, std::size_t to) {
  json::array any;
  any.emplace_back(text_with_pattern(pattern));
  any.emplace_back(defined("varied"));
  if (free) any.emplace_back(json::object{{"type", json::array{"number", "boolean"}}});
  if (to > 0) any.emplace_back(json::object{{"type", "integer"}, {"minimum", from}, {"maximum", to}});
  return {{"anyOf", std::move(any)}};
}

ShapePtr<std::string> any_text() {
  return text_shape<std::string>(
      {"a text in one line", std::string(kLine), parse_line, Place::kOrdinary, true});
}

ShapePtr<std::string> public_text() {
  return text_shape<std::string>(
      {"a text in one line", std::string(kLine), parse_line, Place::kPublic, true});
}

ShapePtr<Secret> secret_text() {
  auto parse = [](const std::string& text) -> Parsed<Secret> {
    if (text.empty() || !is_line(text)) return std::unexpected("");
    return Secret(text);
  };
  return text_shape<Secret>(
      {"a credential: a text in one line", std::string(kLine), parse, Place::kSecret, true});
}

ShapePtr<Secret> secret_header_value() {
  auto parse = [](const std::string& text) -> Parsed<Secret> {
    if (!is_line(text)) return std::unexpected("");
    return Secret(text);
  };
  return text_shape<Secret>(
      {"a header's value: a text in one line", std::string(kLineOrNothing), parse, Place::kSecret, true});
}

ShapePtr<std::filesystem::path> file_path() {
  auto parse = [](const std::string& text) -> Parsed<std::filesystem::path> {
    if (text.empty() || !is_line(text)) return std::unexpected("");
    return std::filesystem::path(text);
  };
  return text_shape<std::filesystem::path>(
      {"a path, relative to this file", std::string(kLine), parse, Place::kOrdinary, true});
}

ShapePtr<Millis> duration() {
  auto parse = [](const std::string& text) -> Parsed<Millis> {
    if (auto found = parse_duration(text)) return *found;
    return std::unexpected("");
  };
  return text_shape<Millis>(
      {"a duration such as 500ms, 30s, 5m or 1h30m", std::string(kDurationPattern), parse});
}

ShapePtr<Bytes> byte_count() {
  auto parse = [](const std::string& text) -> Parsed<Bytes> {
    auto found = parse_bytes(text);
    if (!found || found->count == 0) return std::unexpected("");
    return *found;
  };
  TextRule<Bytes> rule{"a size such as 512KiB, 64MiB or 1GiB", "(?=[0-9]*[1-9])" + std::string(kBytesPattern),
                       parse};
  rule.whole_numbers_to = 999'999'999;
  return text_shape<Bytes>(std::move(rule));
}

ShapePtr<RetryPolicy> backoff() {
  return text_shape<RetryPolicy>({"two durations, shortest and longest wait, such as 500ms..30s",
                                  "^" + duration_part() + R"re(\.\.)re" + duration_part() + "$",
                                  parse_backoff});
}

ShapePtr<calendar::CronExpression> cron() {
  return text_shape<calendar::CronExpression>(
      {"a cron expression such as */5 8-20 * * MON-FRI", calendar::cron_pattern(), parse_cron_text});
}

ShapePtr<std::string> time_zone() {
  auto parse = [](const std::string& text) -> Parsed<std::string> {
    if (!calendar::known_zone(text)) return std::unexpected("");
    return text;
  };
  return text_shape<std::string>({"a time zone of the tz database, such as America/New_York or UTC",
                                  "^[A-Za-z][A-Za-z0-9_+/-]*$", parse});
}

}  // namespace pollux::config

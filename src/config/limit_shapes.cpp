// SPDX-License-Identifier: Apache-2.0
#include "config/limit_shapes.hpp"

#include <charconv>

#include "calendar/schedule_rule.hpp"
#include "config/object_shape.hpp"
#include "config/text_rule.hpp"
#include "config/text_shapes.hpp"

namespace pollux::config {
namespace {

constexpr std::string_view kPattern =
    "^[1-9][0-9]{0,8}/((second|minute|hour)( sliding)?|(day|month)( sliding| in [A-Za-z][A-Za-z0-9_+/-]*)?)$";

std::optional<Limit::Per> per_of(std::string_view word) {
  using enum Limit::Per;
  constexpr std::pair<std::string_view, Limit::Per> kWords[] = {
      {"second", kSecond}, {"minute", kMinute}, {"hour", kHour}, {"day", kDay}, {"month", kMonth}};
  for (const auto& [name, per] : kWords) {
    if (name == word) return per;
  }
  return std::nullopt;
}

// What follows "300/minute": nothing, " sliding", or " in ZONE".
Parsed<Limit> read_kind(Limit limit, std::string_view kind) {
  if (kind.empty()) return limit;
  if (kind == " sliding") {
    limit.sliding = true;
    return limit;
  }
  constexpr std::string_view kIn = " in ";
  if (kind.starts_with(" sliding in "))
    return std::unexpected("a sliding window begins at no time of day, so it has no zone");
  if (!kind.starts_with(kIn)) return std::unexpected("");
  if (limit.per != Limit::Per::kDay && limit.per != Limit::Per::kMonth)
    return std::unexpected("only days and months are reset by a zone");
  limit.zone = kind.substr(kIn.size());
  if (!calendar::known_zone(limit.zone)) return std::unexpected("that time zone is not known");
  return limit;
}

Parsed<Limit> parse_limit(const std::string& text) {
  Limit limit;
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos || slash == 0 || slash > 9 || text[0] == '0') return std::unexpected("");
  auto [end, error] = std::from_chars(text.data(), text.data() + slash, limit.requests);
  if (error != std::errc() || end != text.data() + slash) return std::unexpected("");
  const std::string_view after = std::string_view(text).substr(slash + 1);
  const std::size_t space = std::min(after.find(' '), after.size());
  auto per = per_of(after.substr(0, space));
  if (!per) return std::unexpected("");
  limit.per = *per;
  return read_kind(limit, after.substr(space));
}

}  // namespace

ShapePtr<Limit> limit_shape() {
  return text_shape<Limit>(
      {"a limit such as 300/minute, 100/hour sliding or 20000/day in America/Los_Angeles",
       std::string(kPattern), parse_limit});
}

ShapePtr<std::vector<Limit>> limits_shape() {
  using Limits = std::vector<Limit>;
  auto list =
      std::make_shared<ListShape<Limit>>("a limit such as 300/minute, or a list of them", limit_shape());
  auto single = std::make_shared<InShape<Limit, Limits>>(
      limit_shape(), [](Limits& out, Limit limit) { out.push_back(std::move(limit)); });
  return std::make_shared<EitherShape<Limits>>(
      [](const Node& node) { return node.is(Node::Kind::kList) || node.is(Node::Kind::kMap); }, list, single);
}

ShapePtr<BreakerPolicy> breaker_shape() {
  auto map = std::make_shared<ObjectShape<BreakerPolicy>>("`off`, or a map with `failures` and `pause`");
  map->field("failures", Need::kOptional,
             "After how many failures in a row the upstream is left alone: those that reached nothing, and "
             "answers of 500 and above. Default 5.",
             count(1, 1000), &BreakerPolicy::failures)
      .field("pause", Need::kOptional,
             "Shortest and longest pause before it is asked again, by one request. Default 10s..5m.",
             backoff(), [](BreakerPolicy& policy, RetryPolicy waits) {
               policy.pause_from = waits.backoff_from;
               policy.pause_to = waits.backoff_to;
             });
  auto off = std::make_shared<InShape<std::size_t, BreakerPolicy>>(
      word_index({"off"}), [](BreakerPolicy& policy, std::size_t) { policy.failures = 0; });
  return std::make_shared<EitherShape<BreakerPolicy>>(
      [](const Node& node) { return !node.is(Node::Kind::kScalar); }, map, off);
}

ShapePtr<RetryPolicy> retry_shape() {
  auto shape = std::make_shared<ObjectShape<RetryPolicy>>("a map with `attempts` and `backoff`");
  shape
      ->field("attempts", Need::kOptional,
              "How often a request is tried at most; the first one counts. Default 3.", count(1, 20),
              &RetryPolicy::attempts)
      .field("backoff", Need::kOptional, "Shortest and longest wait between attempts. Default 500ms..30s.",
             backoff(), [](RetryPolicy& policy, RetryPolicy waits) {
               policy.backoff_from = waits.backoff_from;
               policy.backoff_to = waits.backoff_to;
             });
  return shape;
}

}  // namespace pollux::config

// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/fault.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "apps/sample_api/bad_answer.hpp"

namespace pollux::sample_api {
namespace {

namespace json = boost::json;

template <class T>
Result<T> number(const std::string& key, const json::value& value) {
  boost::system::error_code error;
  T out = value.to_number<T>(error);
  if (error || out < T{}) return fail(ErrorKind::kMalformed, key + ": a number from 0 is expected");
  return out;
}

Result<std::string> text(const std::string& key, const json::value& value) {
  if (!value.is_string()) return fail(ErrorKind::kMalformed, key + ": a text is expected");
  return std::string(value.get_string());
}

/// Puts a result in its place; the error's message, or "" when all is well.
template <class T, class Place>
std::string put(Result<T> value, Place& place) {
  if (!value) return value.error().message;
  place = std::move(*value);
  return "";
}

std::string set_key(FaultRule& rule, const std::string& key, const json::value& value) {
  if (key == "match") return put(text(key, value), rule.match);
  if (key == "fault") return put(text(key, value), rule.fault);
  if (key == "retry_after") return put(text(key, value), rule.retry_after);
  if (key == "to") return put(text(key, value), rule.to);
  if (key == "status") return put(number<int>(key, value), rule.status);
  if (key == "times") return put(number<std::size_t>(key, value), rule.times);
  if (key == "bytes") return put(number<std::size_t>(key, value), rule.bytes);
  if (key == "seed") return put(number<std::uint32_t>(key, value), rule.seed);
  if (key == "probability") return put(number<double>(key, value), rule.probability);
  if (key == "delay_ms") {
    std::int64_t delay = 0;
    std::string fault = put(number<std::int64_t>(key, value), delay);
    rule.delay = Millis(delay);
    return fault;
  }
  return key + ": unknown key";
}

Result<FaultRule> parse_rule(const json::value& value) {
  if (!value.is_object()) return fail(ErrorKind::kMalformed, "a rule is an object");
  FaultRule rule;
  for (const auto& [key, member] : value.get_object()) {
    std::string fault = set_key(rule, key, member);
    if (!fault.empty()) return fail(ErrorKind::kMalformed, fault);
  }
  const auto& names = fault_names();
  if (rule.fault != "any" && std::find(names.begin(), names.end(), rule.fault) == names.end()) {
    return fail(ErrorKind::kMalformed, "fault: \"" + rule.fault + "\" is unknown; GET /_fault lists them");
  }
  if (rule.status && (*rule.status < 200 || *rule.status > 599)) {
    return fail(ErrorKind::kMalformed, "status: 200 to 599");
  }
  return rule;
}

}  // namespace

Result<std::vector<FaultRule>> parse_fault_rules(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error) return fail(ErrorKind::kMalformed, "no JSON: " + error.message());
  std::vector<FaultRule> rules;
  json::array list = value.is_array() ? value.get_array() : json::array{value};
  for (const auto& item : list) {
    auto rule = parse_rule(item);
    if (!rule) return std::unexpected(rule.error());
    rules.push_back(std::move(*rule));
  }
  return rules;
}

void FaultBoard::set(std::vector<FaultRule> rules) {
  entries_.clear();
  for (auto& rule : rules) {
    std::mt19937 random(rule.seed);
    entries_.push_back({std::move(rule), random});
  }
}

std::optional<FaultRule> FaultBoard::next(std::string_view target) {
  for (auto& [rule, random] : entries_) {
    if (target.find(rule.match) == std::string_view::npos || rule.times == 0) continue;
    if (rule.probability < 1 && std::generate_canonical<double, 32>(random) >= rule.probability) continue;
    if (rule.times) --*rule.times;
    ++fired_;
    FaultRule chosen = rule;
    if (chosen.fault == "any") {
      const auto& names = quick_fault_names();
      chosen.fault = names[random() % names.size()];
    }
    return chosen;
  }
  return std::nullopt;
}

}  // namespace pollux::sample_api

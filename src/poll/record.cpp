// SPDX-License-Identifier: Apache-2.0
#include "poll/record.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>

namespace pollux::poll {
namespace {

namespace json = boost::json;

constexpr Outcome kOutcomes[] = {Outcome::kPublished, Outcome::kUnchanged, Outcome::kKept,
                                 Outcome::kFailed,    Outcome::kSkipped,   Outcome::kPending};

json::value as_value(const std::optional<Time>& time) {
  return time ? json::value(time->time_since_epoch().count()) : json::value(nullptr);
}

std::optional<Time> as_time(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains(key);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return Time(Millis(value->get_int64()));
}

std::optional<ErrorKind> kind_of(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(ErrorKind::kInternal); ++i) {
    if (kind_name(static_cast<ErrorKind>(i)) == name) return static_cast<ErrorKind>(i);
  }
  return std::nullopt;
}

Record read(const json::object& from) {
  Record record;
  for (Outcome outcome : kOutcomes) {
    if (from.at("outcome") == publish::state_name(outcome)) record.outcome = outcome;
  }
  record.updated_at = as_time(from, "updated_at");
  record.checked_at = as_time(from, "checked_at");
  if (const json::value* reason = from.if_contains("reason"); reason != nullptr && reason->is_string()) {
    record.reason = kind_of(reason->get_string());
  }
  record.message = json::value_to<std::string>(from.at("message"));
  for (const auto& [key, value] : from.at("objects").as_object()) {
    const auto& object = value.as_object();
    record.objects[key] = {json::value_to<std::string>(object.at("sha256")),
                           json::value_to<std::uint64_t>(object.at("bytes"))};
  }
  // Records of before there were any have none.
  if (const json::value* validators = from.if_contains("validators")) {
    for (const auto& [step, value] : validators->as_object()) {
      auto text = [&object = value.as_object()](const char* key) {
        return json::value_to<std::string>(object.at(key));
      };
      record.validators[step] = {text("etag"), text("last_modified"), text("request")};
    }
    record.made_by = json::value_to<std::string>(from.at("made_by"));
  }
  if (const json::value* cursor = from.if_contains("cursor")) {
    record.cursor = json::value_to<std::string>(*cursor);
  }
  return record;
}

}  // namespace

std::string record_key(const std::string& poll) { return "poll/" + poll; }

std::string record_json(const Record& record) {
  json::object objects;
  for (const auto& [key, object] : record.objects) {
    objects[key] = json::object{{"sha256", object.sha256}, {"bytes", object.bytes}};
  }
  json::object validators;
  for (const auto& [step, validator] : record.validators) {
    validators[step] = json::object{
        {"etag", validator.etag}, {"last_modified", validator.last_modified}, {"request", validator.request}};
  }
  json::value reason =
      record.reason ? json::value(json::string(kind_name(*record.reason))) : json::value(nullptr);
  json::object all{{"outcome", publish::state_name(record.outcome)},
                   {"updated_at", as_value(record.updated_at)},
                   {"checked_at", as_value(record.checked_at)},
                   {"reason", std::move(reason)},
                   {"message", record.message},
                   {"objects", std::move(objects)},
                   {"validators", std::move(validators)},
                   {"made_by", record.made_by}};
  // As text, so that no number in it is written anew.
  if (!record.cursor.empty()) all["cursor"] = record.cursor;
  return json::serialize(all);
}

Result<Record> parse_record(std::string_view text) {
  try {
    return read(json::parse(text).as_object());
  } catch (const std::exception& e) {  // Boost.JSON throws on each thing that is not where it should be
    return fail(ErrorKind::kState, std::string("the state holds a poll that cannot be read: ") + e.what());
  }
}

}  // namespace pollux::poll

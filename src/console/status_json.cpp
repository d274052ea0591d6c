// SPDX-License-Identifier: Apache-2.0
#include "console/status_json.hpp"

#include <boost/json.hpp>

#include "base/units.hpp"

namespace pollux::console {
namespace {

namespace json = boost::json;

json::value time_value(const std::optional<Time>& time) {
  if (!time) return nullptr;
  return json::value_from(format_time(*time));
}

json::value text_value(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::value_from(text);
}

json::value poll_value(const PollView& poll) {
  json::array objects;
  for (const auto& object : poll.objects) {
    objects.push_back({{"store", object.store}, {"path", object.path}, {"url", text_value(object.url)}});
  }
  json::value duration;
  if (poll.duration) duration = poll.duration->count();
  return {{"name", poll.name},
          {"state", text_value(poll.state)},
          {"running", poll.running},
          {"outcome", text_value(poll.outcome)},
          {"last_run", time_value(poll.last_run)},
          {"last_ok", time_value(poll.last_ok)},
          {"next_run", time_value(poll.next_run)},
          {"last_error", text_value(poll.last_error)},
          {"duration_ms", duration},
          {"objects", objects}};
}

}  // namespace

std::string status_json(const StatusView& status) {
  json::array polls;
  for (const auto& poll : status.polls) polls.push_back(poll_value(poll));
  json::object out = {{"version", status.version},     {"started_at", time_value(status.started_at)},
                      {"now", time_value(status.now)}, {"ready", status.ready},
                      {"draining", status.draining},   {"polls", polls}};
  return json::serialize(out);
}

}  // namespace pollux::console

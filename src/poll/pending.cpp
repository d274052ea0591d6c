// SPDX-License-Identifier: Apache-2.0
#include "poll/pending.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>

namespace pollux::poll {
namespace {

namespace json = boost::json;

}  // namespace

std::string pending_key(const std::string& poll) { return "pending/" + poll; }
std::string window_key(const std::string& poll) { return "window/" + poll; }

// One line of JSON, then the body as it is.
std::string pending_text(const Pending& pending) {
  std::string head = json::serialize(json::object{{"at", pending.at.time_since_epoch().count()},
                                                  {"cursor", pending.cursor},
                                                  {"is_window", pending.is_window},
                                                  {"content_type", pending.content_type}});
  return head.append("\n").append(pending.body);
}

Result<Pending> parse_pending(std::string_view text) {
  try {
    auto line = text.find('\n');
    if (line == std::string_view::npos) return fail(ErrorKind::kState, "a pending object without a body");
    json::value value = json::parse(text.substr(0, line));
    const json::object& head = value.as_object();
    return Pending{Time(Millis(json::value_to<std::int64_t>(head.at("at")))),
                   json::value_to<std::string>(head.at("cursor")), head.at("is_window").as_bool(),
                   json::value_to<std::string>(head.at("content_type")), std::string(text.substr(line + 1))};
  } catch (const std::exception& e) {  // Boost.JSON throws on each thing that is not where it should be
    return fail(ErrorKind::kState, std::string("a pending object that cannot be read: ") + e.what());
  }
}

}  // namespace pollux::poll

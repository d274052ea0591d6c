// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/limited.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

namespace pollux::sample_api {
namespace {

namespace json = boost::json;

Millis length_of(std::string_view unit) {
  using namespace std::chrono;
  if (unit == "second") return seconds(1);
  if (unit == "minute") return minutes(1);
  if (unit == "hour") return hours(1);
  return unit == "day" ? Millis(days(1)) : Millis(0);
}

}  // namespace

Result<LimitedEndpoints::Limit> LimitedEndpoints::parse(std::string_view text) {
  constexpr std::string_view kSliding = " sliding";
  Limit limit;
  std::string_view rest = text;
  limit.sliding = rest.ends_with(kSliding);
  if (limit.sliding) rest.remove_suffix(kSliding.size());
  auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), limit.requests);
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (error == std::errc() && rest.starts_with('/')) limit.length = length_of(rest.substr(1));
  if (limit.requests == 0 || limit.length == Millis(0))
    return fail(ErrorKind::kMalformed, "not a limit: " + std::string(text));
  return limit;
}

Result<void> LimitedEndpoints::set(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error || !value.is_object()) return fail(ErrorKind::kMalformed, "not a JSON object of lists of limits");
  std::map<std::string, Endpoint, std::less<>> endpoints;
  for (const auto& [name, list] : value.get_object()) {
    if (!list.is_array()) return fail(ErrorKind::kMalformed, "not a list of limits");
    for (const json::value& one : list.get_array()) {
      auto limit = parse(one.is_string() ? std::string_view(one.get_string()) : "");
      if (!limit) return std::unexpected(limit.error());
      endpoints[name].limits.push_back(*limit);
    }
  }
  endpoints_ = std::move(endpoints);
  return {};
}

std::string LimitedEndpoints::tell() const {
  json::object out;
  for (const auto& [name, endpoint] : endpoints_)
    out[name] = json::object{{"requests", endpoint.arrivals.size()}, {"violations", endpoint.violations}};
  return json::serialize(out);
}

// Whether the newest arrival, of `now`, is one too many.
bool LimitedEndpoints::exceeded(const Endpoint& endpoint, Time now) {
  return std::ranges::any_of(endpoint.limits, [&](const Limit& limit) {
    const Time begin = limit.sliding ? now - limit.length : now - now.time_since_epoch() % limit.length;
    auto in_window =
        std::ranges::count_if(endpoint.arrivals, [&](Time at) { return at >= begin && at <= now; });
    return static_cast<std::size_t>(in_window) > limit.requests;
  });
}

net::ServerResponse LimitedEndpoints::answer(const net::ServerRequest& request) {
  const std::string name = request.path.substr(kLimitedPath.size());
  const Time now = clock_.now();
  Endpoint& endpoint = endpoints_[name];
  endpoint.arrivals.push_back(now);
  const bool over = exceeded(endpoint, now);
  if (over) ++endpoint.violations;
  json::object body{{"name", name}, {"within", !over}};
  return {over ? 429 : 200, {{"Content-Type", "application/json"}}, json::serialize(body), {}};
}

}  // namespace pollux::sample_api

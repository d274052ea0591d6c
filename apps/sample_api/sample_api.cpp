// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/sample_api.hpp"

#include <boost/json.hpp>

#include "apps/sample_api/aws_desk.hpp"
#include "apps/sample_api/bad_answer.hpp"
#include "apps/sample_api/page.hpp"
#include "apps/sample_api/playground.hpp"
#include "base/units.hpp"

namespace pollux::sample_api {
namespace {

using net::ServerRequest;
using net::ServerResponse;
namespace json = boost::json;

ServerResponse answer_json(int status, const json::value& value) {
  return {status, {{"Content-Type", "application/json"}}, json::serialize(value), {}};
}

}  // namespace

ServerResponse SampleApi::answer(const ServerRequest& request) {
  if (request.path.starts_with("/_")) return control(request);
  if (request.path.starts_with("/page/")) return page_file(options_, request);
  ++requests_[request.path];
  ServerResponse good = routed(request);
  if (options_.clock_ahead != Millis(0)) good.headers.emplace_back("Date", format_http_date(clock_.now()));
  auto rule = faults_.next(request.target);
  return rule ? bad_answer(*rule, request, std::move(good)) : good;
}

ServerResponse SampleApi::routed(const ServerRequest& request) {
  if (request.path == "/oauth/token") return center_.token(request);
  if (request.path == "/oauth2/token") return grants_.token(request);
  if (request.path == "/oauth2/refresh") return grants_.refresh(request);
  if (request.path == "/google/token") return google_.token(request);
  if (request.path == "/google/data") return google_.data(request);
  if (request.path.starts_with("/aws/")) return aws_answer(options_, clock_.now(), request);
  if (request.path.starts_with(kLimitedPath)) return limited_.answer(request);
  if (request.path.starts_with(kQueuesPath)) return center_.wait_time(request);
  if (request.path == "/log") return log_.answer(request);
  if (request.path == "/bearer") {
    if (center_.knows_bearer(request)) return answer_json(200, {{"ok", true}});
    return answer_json(401, {{"message", "no token, or one that has ended"}});
  }
  if (auto page = lists_.answer(request)) return std::move(*page);
  if (auto document = documents_.answer(request)) return std::move(*document);
  auto found = playground(options_, request);
  return found ? std::move(*found) : answer_json(404, {{"message", "no such endpoint"}});
}

ServerResponse SampleApi::control(const ServerRequest& request) {
  if (request.path == "/_stats" && request.method == "GET") return stats();
  if (request.path == "/_stats" && request.method == "DELETE") {
    requests_.clear();
    lists_.forget();
    documents_.forget();
    return {204, {}, "", {}};
  }
  if (request.path == "/_limits" && request.method == "GET")
    return {200, {{"Content-Type", "application/json"}}, limited_.tell(), {}};
  if (request.path == "/_limits" && request.method == "PUT") {
    if (auto set = limited_.set(request.body); !set)
      return answer_json(400, {{"message", set.error().message}});
    return {204, {}, "", {}};
  }
  if (request.path == "/_fault" && request.method == "GET") {
    return answer_json(200, {{"faults", json::value_from(fault_names())}});
  }
  if (request.path == "/_fault" && request.method == "PUT") {
    auto rules = parse_fault_rules(request.body);
    if (!rules) return answer_json(400, {{"message", rules.error().message}});
    faults_.set(std::move(*rules));
    return {204, {}, "", {}};
  }
  if (request.path == "/_fault" && request.method == "DELETE") {
    faults_.clear();
    return {204, {}, "", {}};
  }
  return answer_json(404, {{"message", "no such control"}});
}

ServerResponse SampleApi::stats() const {
  std::size_t total = 0;
  json::object requests;
  for (const auto& [path, count] : requests_) {
    requests[path] = count;
    total += count;
  }
  return answer_json(200, {{"requests", requests},
                           {"total", total},
                           {"tokens", center_.issued().size()},
                           {"tokens_issued", json::value_from(center_.issued())},
                           {"faults", faults_.fired()},
                           {"pages", lists_.stats()},
                           {"document", documents_.stats()}});
}

}  // namespace pollux::sample_api

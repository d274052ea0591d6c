// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/call_center.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "base/encoding.hpp"

namespace pollux::sample_api {
namespace {

using net::ServerRequest;
using net::ServerResponse;

ServerResponse json(int status, std::string body) {
  return {status, {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}, std::move(body), {}};
}

std::string random_token() {
  std::random_device random;
  std::string bytes;
  for (int i = 0; i < 20; ++i) bytes += static_cast<char>(random());
  return "sample-token-" + hex(bytes);
}

std::string value_of(const net::QueryPairs& form, std::string_view name) {
  auto found = std::find_if(form.begin(), form.end(), [&](const auto& pair) { return pair.first == name; });
  return found == form.end() ? "" : found->second;
}

}  // namespace

ServerResponse CallCenter::token(const ServerRequest& request) {
  if (request.method != "POST") return json(405, R"({"error":"invalid_request"})");
  if (!request.header("content-type").starts_with("application/x-www-form-urlencoded")) {
    return json(400, R"({"error":"invalid_request","error_description":"a form is expected"})");
  }
  auto form = net::parse_query(request.body);
  if (value_of(form, "grant_type") != "client_credentials")
    return json(400, R"({"error":"unsupported_grant_type"})");
  bool in_form = value_of(form, "client_id") == options_.client_id &&
                 value_of(form, "client_secret") == options_.client_secret;
  bool in_header =
      request.header("authorization") == "Basic " + base64(options_.client_id + ":" + options_.client_secret);
  if (!in_form && !in_header) return json(401, R"({"error":"invalid_client"})");
  return json(200, issue_answer());
}

std::string CallCenter::issue_answer() {
  std::string token = random_token();
  tokens_[token] = clock_.now() + options_.expires_in;
  issued_.push_back(token);
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.expires_in).count();
  return R"({"access_token":")" + token + R"(","token_type":"bearer","expires_in":)" +
         std::to_string(seconds) + "}";
}

bool CallCenter::knows_bearer(const ServerRequest& request) const {
  std::string_view value = request.header("authorization");
  if (!value.starts_with("Bearer ")) return false;
  auto found = tokens_.find(value.substr(7));
  return found != tokens_.end() && clock_.now() < found->second;
}

ServerResponse CallCenter::wait_time(const ServerRequest& request) const {
  if (!knows_bearer(request))
    return json(401, R"({"message":"No valid authentication","code":"bad.credentials"})");
  if (request.method != "GET") return json(405, R"({"message":"GET only"})");
  std::string_view rest = std::string_view(request.path).substr(kQueuesPath.size());
  auto slash = std::min(rest.find('/'), rest.size());
  std::string_view queue = rest.substr(0, slash);
  std::string_view tail = rest.substr(slash);
  bool call = tail == "/mediatypes/call/estimatedwaittime";
  bool chat = tail == "/mediatypes/chat/estimatedwaittime";
  bool spanish = queue.starts_with("sp");
  if (queue.starts_with("idle") && (call || chat)) return json(200, R"({"results":[]})");
  if ((!call && !chat) || (!spanish && !queue.starts_with("en")))
    return json(404, R"({"message":"no such queue"})");
  int seconds = wait_seconds(spanish, chat, clock_.now(), options_.fixed);
  return json(200, std::string(R"({"results":[{"intent":")") + (chat ? "CHAT" : "CALL") +
                       R"(","formula":"ABANDON","estimatedWaitTimeSeconds":)" + std::to_string(seconds) +
                       "}]}");
}

int wait_seconds(bool spanish, bool chat, Time time, bool fixed) {
  double usual = chat ? (spanish ? 8 : 45) : (spanish ? 20 : 167);
  if (fixed) return static_cast<int>(usual);
  // A wave of five minutes, at another point for each queue, and a ripple so that no two answers in a row are
  // alike.
  double minutes = static_cast<double>(time.time_since_epoch().count()) / 60000.0;
  double wave = std::sin(2 * std::numbers::pi * minutes / 5 + usual);
  double ripple = std::sin(2 * std::numbers::pi * minutes * 7.3);
  return static_cast<int>(std::lround(usual * (1 + 0.4 * wave + 0.1 * ripple)));
}

}  // namespace pollux::sample_api

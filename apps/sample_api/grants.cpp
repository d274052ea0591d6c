// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/grants.hpp"

#include <algorithm>
#include <optional>

#include "base/encoding.hpp"

namespace pollux::sample_api {
namespace {

using net::ServerRequest;
using net::ServerResponse;

ServerResponse json(int status, std::string body) {
  return {status, {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}, std::move(body), {}};
}

ServerResponse refused(int status, const std::string& error) {
  return json(status, R"({"error":")" + error + "\"}");
}

std::optional<std::string> field(const net::QueryPairs& form, std::string_view name) {
  auto found = std::ranges::find(form, name, &net::QueryPairs::value_type::first);
  return found == form.end() ? std::nullopt : std::optional(found->second);
}

bool is_form(const ServerRequest& request) {
  return request.method == "POST" &&
         request.header("content-type").starts_with("application/x-www-form-urlencoded");
}

}  // namespace

std::optional<ServerResponse> Grants::client_refused(const ServerRequest& request,
                                                     const net::QueryPairs& form) const {
  const std::string where = request.query_value("client").value_or("either");
  if (where != "header" && where != "body" && where != "either") return refused(400, "invalid_request");
  const auto id = field(form, "client_id");
  const auto secret = field(form, "client_secret");
  const auto header = request.header("authorization");
  // RFC 6749, 2.3: no more than one way in each request; 5.2 calls it this.
  if (!header.empty() && secret) return refused(400, "invalid_request");
  const bool in_form = id == options_.client_id && secret == options_.client_secret && header.empty();
  const bool in_header =
      header == "Basic " + base64(options_.client_id + ":" + options_.client_secret) && !id;
  if ((where != "header" && in_form) || (where != "body" && in_header)) return std::nullopt;
  return refused(401, "invalid_client");
}

ServerResponse Grants::token(const ServerRequest& request) {
  if (!is_form(request)) return refused(400, "invalid_request");
  const auto form = net::parse_query(request.body);
  if (field(form, "grant_type") != "client_credentials") return refused(400, "unsupported_grant_type");
  if (auto no = client_refused(request, form)) return *no;
  for (const auto& [name, value] : request.query) {
    if (name != "client" && field(form, name) != value) {
      return refused(400, name == "scope" ? "invalid_scope" : "invalid_request");
    }
  }
  return json(200, center_.issue_answer());
}

ServerResponse Grants::refresh(const ServerRequest& request) {
  if (!is_form(request)) return refused(400, "invalid_request");
  const auto form = net::parse_query(request.body);
  if (field(form, "grant_type") != "refresh_token") return refused(400, "unsupported_grant_type");
  if (auto no = client_refused(request, form)) return *no;
  const std::string shown = field(form, "refresh_token").value_or("");
  if (std::ranges::find(used_, shown) != used_.end()) {
    refresh_token_.clear();
    for (const auto& token : access_tokens_) center_.withdraw(token);
  }
  if (shown.empty() || shown != refresh_token_) return refused(400, "invalid_grant");
  used_.push_back(shown);
  std::string answer = center_.issue_answer();
  access_tokens_.push_back(center_.issued().back());
  refresh_token_ = "sample-refresh-" + access_tokens_.back().substr(13);
  answer.pop_back();
  return json(200, answer + R"(,"refresh_token":")" + refresh_token_ + "\"}");
}

}  // namespace pollux::sample_api

// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/token_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <cstdlib>

namespace pollux::fetch {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestToken = std::size_t{1} << 16;

std::optional<std::chrono::seconds> lifetime_of(const json::value& value) {
  double seconds = 0;
  if (value.is_number()) {
    seconds = value.to_number<double>();
  } else if (value.is_string()) {  // some servers quote it
    seconds = std::strtod(value.get_string().c_str(), nullptr);
  }
  if (!(seconds > 0)) return std::nullopt;
  constexpr double kMonth = 30.0 * 24 * 3600;
  return std::chrono::seconds(static_cast<std::int64_t>(std::clamp(seconds, 1.0, kMonth)));
}

/// A text that can stand in a header: RFC 6749, A.12 allows visible ASCII and blanks.
std::optional<Secret> token_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  const auto& text = value->get_string();
  const bool visible = std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7E; });
  if (text.empty() || text.size() > kLongestToken || !visible) return std::nullopt;
  return Secret(std::string(text));
}

}  // namespace

Result<TokenAnswer> parse_token_answer(std::string_view body, std::string_view host) {
  boost::system::error_code error;
  const json::value parsed = json::parse(body, error);
  if (error || !parsed.is_object()) {
    return fail(ErrorKind::kMalformed,
                fmt::format("the token endpoint at {} did not answer with a JSON object", host));
  }
  const json::object& object = parsed.get_object();
  auto token = token_of(object, "access_token");
  if (!token) {
    return fail(ErrorKind::kMalformed,
                fmt::format("the token endpoint at {} answered without an access_token", host));
  }
  TokenAnswer answer{std::move(*token), std::chrono::seconds(3600), token_of(object, "refresh_token")};
  if (const json::value* expires = object.if_contains("expires_in")) {
    answer.lifetime = lifetime_of(*expires).value_or(answer.lifetime);
  }
  return answer;
}

Millis renew_after(std::chrono::seconds lifetime) {
  const Millis margin = std::min<Millis>(Millis(lifetime) / 10, std::chrono::minutes(1));
  return Millis(lifetime) - margin;
}

std::string_view oauth_error_name(std::string_view body) {
  static constexpr std::array<std::string_view, 8> kNames{
      "invalid_request",        "invalid_client", "invalid_grant", "unauthorized_client",
      "unsupported_grant_type", "invalid_scope",  "invalid_token", "insufficient_scope"};
  if (body.size() > kLongestToken) return "";
  boost::system::error_code error;
  const json::value parsed = json::parse(body, error);
  if (error || !parsed.is_object()) return "";
  const json::value* name = parsed.get_object().if_contains("error");
  if (name == nullptr || !name->is_string()) return "";
  const auto* found = std::ranges::find(kNames, std::string_view(name->get_string()));
  return found == kNames.end() ? "" : *found;
}

}  // namespace pollux::fetch

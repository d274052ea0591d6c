// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/validators.hpp"

#include <algorithm>

#include "base/digest.hpp"

namespace pollux::fetch {
namespace {

constexpr std::size_t kLongest = 1024;

bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// As a word of its own; inside a comment or a text it counts too: one request too many is no harm.
bool mentions(std::string_view program, std::string_view word) {
  for (std::size_t at = program.find(word); at != std::string_view::npos; at = program.find(word, at + 1)) {
    std::size_t end = at + word.size();
    bool starts = at == 0 || !in_word(program[at - 1]);
    bool ends = end == program.size() || !in_word(program[end]);
    if (starts && ends) return true;
  }
  return false;
}

bool stands_alone(const config::Step& step) {
  return step.conditional && !step.pages && step.after.empty() && step.method == config::Method::kGet;
}

bool printable(std::string_view text) {
  return text.size() <= kLongest && std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

// entity-tag of RFC 9110, 8.8.3, in ASCII.
bool is_etag(std::string_view text) {
  if (text.starts_with("W/")) text.remove_prefix(2);
  return text.size() >= 2 && text.front() == '"' && text.back() == '"' && printable(text) &&
         text.substr(1, text.size() - 2).find_first_of("\" ") == std::string_view::npos;
}

bool is_old_enough(std::string_view last_modified, std::string_view date) {
  auto changed = net::parse_http_date(std::string(last_modified));
  auto answered = net::parse_http_date(std::string(date));
  return changed && answered && *answered - *changed >= std::chrono::seconds(1);
}

// Who asks: another account, and another key, may see other data.
struct Identity {
  std::string operator()(const std::monostate&) const { return ""; }
  std::string operator()(const config::KeyAuth& auth) const {
    return "key\n" + auth.name + "\n" + auth.value.reveal();
  }
  std::string operator()(const config::BasicAuth& auth) const { return "basic\n" + auth.user; }
  std::string operator()(const config::BearerAuth& auth) const { return "bearer\n" + auth.token.reveal(); }
  std::string operator()(const config::OAuth2Auth& auth) const {
    return "oauth2\n" + auth.token_url + "\n" + auth.client_id + "\n" + auth.scope + "\n" + auth.audience;
  }
  std::string operator()(const config::GoogleAuth& auth) const {
    std::string out = "google\n" + auth.scope + "\n" + auth.audience;
    for (const auto& account : auth.accounts) out += "\n" + account.email;
    return out;
  }
  std::string operator()(const config::AwsAuth& auth) const {
    return "aws\n" + auth.access_key_id + "\n" + auth.region + "\n" + auth.service;
  }
};

}  // namespace

bool may_ask_conditionally(const config::Poll& poll) {
  if (poll.window || poll.cursor) return false;
  for (std::string_view word : {"fetched_at", "now"}) {
    if (mentions(poll.transform.jq, word)) return false;
  }
  return std::ranges::all_of(poll.steps, stands_alone);
}

std::string question_of(const config::Upstream& upstream, const net::HttpRequest& request) {
  std::string text =
      request.method + "\n" + request.url + "\n" + std::visit(Identity{}, upstream.auth) + "\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\n";
  return sha256_hex(text + "\n" + request.body);
}

std::optional<Validator> validator_of(const net::HttpResponse& response, std::string question) {
  Validator found{std::string(response.header("ETag")), std::string(response.header("Last-Modified")),
                  std::move(question)};
  if (!is_etag(found.etag)) found.etag.clear();
  if (!printable(found.last_modified) || !is_old_enough(found.last_modified, response.header("Date")))
    found.last_modified.clear();
  if (found.etag.empty() && found.last_modified.empty()) return std::nullopt;
  return found;
}

void ask_conditionally(net::HttpRequest& request, const Validator& validator) {
  if (!validator.etag.empty()) request.set_header("If-None-Match", validator.etag);
  if (!validator.last_modified.empty()) request.set_header("If-Modified-Since", validator.last_modified);
}

}  // namespace pollux::fetch

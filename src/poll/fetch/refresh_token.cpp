// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/refresh_token.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <utility>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "state/journal.hpp"

namespace pollux::fetch {
namespace {

namespace json = boost::json;

std::string key_of(const std::string& upstream) { return "token/" + upstream; }

}  // namespace

std::string refresh_token_origin(const config::OAuth2Auth& auth) {
  const std::string first = auth.refresh_token ? auth.refresh_token->reveal() : "";
  return sha256_hex(fmt::format("{}\n{}\n{}", auth.token_url, auth.client_id, first));
}

std::string kept_refresh_token(const std::string& origin, const Secret& token) {
  return fmt::format(R"({{"origin":{},"refresh_token":{}}})", json_quote(origin), json_quote(token.reveal()));
}

std::optional<Secret> parse_kept_refresh_token(const std::string& text, const std::string& origin) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  if (error || !parsed.is_object()) return std::nullopt;
  const json::value* from = parsed.get_object().if_contains("origin");
  const json::value* token = parsed.get_object().if_contains("refresh_token");
  const bool ours = from != nullptr && from->is_string() && std::string_view(from->get_string()) == origin;
  if (!ours || token == nullptr || !token->is_string() || token->get_string().empty()) return std::nullopt;
  return Secret(std::string(token->get_string()));
}

RefreshToken::RefreshToken(const config::Upstream& upstream, const config::OAuth2Auth& auth,
                           const SessionParts& parts)
    : name_(upstream.name),
      origin_(refresh_token_origin(auth)),
      parts_(parts),
      current_(auth.refresh_token.value_or(Secret())) {
  auto kept = parts_.recall ? parts_.recall(key_of(name_)) : std::nullopt;
  auto token = kept ? parse_kept_refresh_token(*kept, origin_) : std::nullopt;
  if (!token) return;
  current_ = std::move(*token);
  parts_.redactor.hide_in_use(key_of(name_), current_);
}

Task<Result<void>> RefreshToken::replace(Secret next) {
  if (next == current_) co_return co_await save();
  current_ = std::move(next);
  parts_.redactor.hide_in_use(key_of(name_), current_);
  saved_ = false;
  co_return co_await save();
}

Task<Result<void>> RefreshToken::save() {
  if (saved_) co_return Result<void>{};
  Result<void> done = fail(ErrorKind::kState, "there is no state to keep it in");
  if (parts_.journal != nullptr) {
    state::Batch batch;
    batch.writes.push_back({key_of(name_), kept_refresh_token(origin_, current_), std::nullopt});
    batch.outlives_power_cut = true;  // the one before it may be of no use any more
    done = co_await parts_.journal->commit(std::move(batch));
  }
  if (!done) {
    co_return fail(
        ErrorKind::kState,
        fmt::format(
            "{} gave a new refresh token, and it cannot be saved: {}; the access token that came with "
            "it is not used. See that the state file can be written before this process ends: the "
            "refresh token of before may not be taken a second time",
            name_, done.error().message));
  }
  saved_ = true;
  co_return Result<void>{};
}

}  // namespace pollux::fetch

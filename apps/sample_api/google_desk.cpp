// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/google_desk.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <optional>

#include "base/encoding.hpp"

namespace pollux::sample_api {
namespace {

using net::ServerRequest;
using net::ServerResponse;
namespace json = boost::json;

ServerResponse answer(int status, const json::value& value) {
  return {status, {{"Content-Type", "application/json"}}, json::serialize(value), {}};
}

std::string text_of(const json::value& object, std::string_view key) {
  const json::value* value = object.is_object() ? object.get_object().if_contains(key) : nullptr;
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::optional<std::int64_t> number_of(const json::value& object, std::string_view key) {
  const json::value* value = object.is_object() ? object.get_object().if_contains(key) : nullptr;
  return value != nullptr && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

std::optional<std::string> from_base64url(std::string text) {
  if (text.find_first_of("+/=") != std::string::npos) return std::nullopt;
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.resize((text.size() + 3) / 4 * 4, '=');
  return base64_decode(text);
}

bool verified(const std::string& public_key, const std::string& text, const std::string& signature) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bytes(
      BIO_new_mem_buf(public_key.data(), static_cast<int>(public_key.size())), BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PUBKEY(bytes.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!key || EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1)
    return false;
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

json::value parsed(const std::optional<std::string>& text) {
  boost::system::error_code error;
  json::value value = text ? json::parse(*text, error) : json::value();
  return error ? json::value() : value;
}

bool has_word(const std::string& words, const std::string& word) {
  return (" " + words + " ").find(" " + word + " ") != std::string::npos;
}

}  // namespace

GoogleDesk::Asserted GoogleDesk::check(const std::string& assertion, const std::string& audience,
                                       bool wants_scope) const {
  const auto dot = assertion.find('.');
  const auto last = assertion.rfind('.');
  if (dot == std::string::npos || dot == last) return {"", "not three parts"};
  const json::value header = parsed(from_base64url(assertion.substr(0, dot)));
  const json::value claims = parsed(from_base64url(assertion.substr(dot + 1, last - dot - 1)));
  const auto signature = from_base64url(assertion.substr(last + 1));
  if (text_of(header, "alg") != "RS256") return {"", "alg"};
  if (!signature || !verified(options_.google_public_key, assertion.substr(0, last), *signature)) {
    return {"", "signature"};
  }
  const std::string issuer = text_of(claims, "iss");
  if (std::ranges::find(options_.google_accounts, issuer) == options_.google_accounts.end())
    return {"", "iss"};
  if (!wants_scope && text_of(claims, "sub") != issuer) return {"", "sub"};  // AIP-4111
  if (text_of(claims, "aud") != audience) return {"", "aud"};
  if (wants_scope != has_word(text_of(claims, "scope"), options_.google_scope)) return {"", "scope"};
  const auto issued = number_of(claims, "iat");
  const auto ends = number_of(claims, "exp");
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
  if (!issued || !ends || *ends <= *issued || *ends - *issued > 3600) return {"", "iat and exp"};
  if (*issued > now + 60 || *ends <= now) return {"", "not in a reasonable timeframe"};
  return {issuer, ""};
}

ServerResponse GoogleDesk::token(const ServerRequest& request) {
  const auto form = net::parse_query(request.body);
  const auto field = [&](std::string_view name) {
    auto found = std::ranges::find(form, name, &net::QueryPairs::value_type::first);
    return found == form.end() ? std::string() : found->second;
  };
  if (request.method != "POST" || field("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer") {
    return answer(400, {{"error", "unsupported_grant_type"}});
  }
  const auto asserted =
      check(field("assertion"), "http://" + std::string(request.header("host")) + "/google/token", true);
  if (asserted.account.empty()) {
    return answer(400, {{"error", "invalid_grant"}, {"error_description", "Invalid JWT: " + asserted.why}});
  }
  std::string body = center_.issue_answer();
  accounts_[center_.issued().back()] = asserted.account;
  return {200, {{"Content-Type", "application/json"}}, std::move(body), {}};
}

ServerResponse GoogleDesk::data(const ServerRequest& request) const {
  std::string_view shown = request.header("authorization");
  shown.remove_prefix(shown.starts_with("Bearer ") ? 7 : shown.size());
  std::string account;
  std::string by = "token";
  if (auto found = accounts_.find(shown); found != accounts_.end() && center_.knows_bearer(request)) {
    account = found->second;
  } else {
    account = check(std::string(shown), options_.google_audience, false).account;
    by = "self-signed";
  }
  if (account.empty()) return answer(401, {{"error", {{"code", 401}, {"status", "UNAUTHENTICATED"}}}});
  if (request.query_value("exhausted") == account) {
    return answer(429, {{"error", {{"code", 429}, {"status", "RESOURCE_EXHAUSTED"}}}});
  }
  if (request.query_value("forbidden") == account) {
    return answer(403, {{"error", {{"code", 403}, {"status", "PERMISSION_DENIED"}}}});
  }
  return answer(200, {{"account", account}, {"by", by}});
}

}  // namespace pollux::sample_api

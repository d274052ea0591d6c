// SPDX-License-Identifier: Apache-2.0
#include "config/google_key.hpp"

#include <boost/json/parse.hpp>
#include <boost/url/parse.hpp>

#include "base/encoding.hpp"
#include "sign/jwt.hpp"

namespace pollux::config {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

bool plain(const std::string& text) {
  return text.find_first_of(std::string_view("\0\r\n", 3)) == std::string::npos;
}

bool web_address(const std::string& text) {
  auto url = boost::urls::parse_uri(text);
  return url && !url->encoded_host().empty() && !url->has_userinfo() &&
         (url->scheme_id() == boost::urls::scheme::https || url->scheme_id() == boost::urls::scheme::http);
}

}  // namespace

std::expected<Secret, std::string> parse_private_key(std::string text) {
  for (std::size_t at = text.find("\\n"); at != std::string::npos; at = text.find("\\n", at + 1)) {
    text.replace(at, 2, "\n");
  }
  Secret pem(std::move(text));
  auto key = sign::RsaKey::from_pem(pem);
  if (!key) return std::unexpected(key.error().message);
  return pem;
}

std::expected<GoogleAuth::Account, std::string> parse_google_key(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  std::string document = text;
  if (begin == std::string::npos || text[begin] != '{') document = base64_decode(text).value_or("");
  boost::system::error_code error;
  const json::value parsed = json::parse(document, error);
  if (error || !parsed.is_object()) return std::unexpected("neither JSON nor base64 of it");
  const json::object& object = parsed.get_object();
  const std::string type = text_of(object, "type");
  if (!type.empty() && type != "service_account") return std::unexpected("its `type` is another");
  GoogleAuth::Account account;
  account.email = text_of(object, "client_email");
  if (account.email.empty() || !plain(account.email)) return std::unexpected("no `client_email` in it");
  account.key_id = text_of(object, "private_key_id");
  account.token_uri = text_of(object, "token_uri");
  if (account.token_uri.empty()) account.token_uri = kGoogleTokenUri;
  if (!web_address(account.token_uri)) return std::unexpected("its `token_uri` is no address");
  auto key = parse_private_key(text_of(object, "private_key"));
  if (!key) return std::unexpected("its `private_key` is " + key.error());
  account.private_key = std::move(*key);
  return account;
}

}  // namespace pollux::config

// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/credentials_answer.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <utility>

#include "base/units.hpp"
#include "poll/publish/s3_xml.hpp"

namespace pollux::publish {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestToken = std::size_t{1} << 14;
constexpr std::size_t kLongestWord = 64;

std::string visible(std::string_view text, std::size_t longest = kLongestToken) {
  const bool good =
      text.size() <= longest && std::ranges::all_of(text, [](char c) { return c > 0x20 && c <= 0x7E; });
  return good ? std::string(text) : std::string();
}

std::string text_of(const json::object& object, std::string_view key, std::size_t longest = kLongestToken) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? visible(value->get_string(), longest) : "";
}

Result<CredentialsAnswer> answer_of(std::string id, std::string secret, std::string token,
                                    const std::string& ends) {
  if (id.empty() || secret.empty())
    return fail(ErrorKind::kMalformed, "the answer holds no access key and secret", Retry::later());
  CredentialsAnswer out{{std::move(id), Secret(std::move(secret)), std::nullopt}, std::nullopt};
  if (!token.empty()) out.keys.session_token = Secret(std::move(token));
  if (ends.empty()) return out;
  out.ends = parse_time(ends);
  if (!out.ends) return fail(ErrorKind::kMalformed, "the answer's Expiration is no time", Retry::later());
  return out;
}

}  // namespace

Result<CredentialsAnswer> parse_credentials_json(std::string_view body) {
  boost::system::error_code error;
  const json::value parsed = json::parse(body, error);
  if (error || !parsed.is_object())
    return fail(ErrorKind::kMalformed, "the answer is no JSON object", Retry::later());
  const json::object& object = parsed.get_object();
  const std::string code = text_of(object, "Code", kLongestWord);
  const bool word = std::ranges::all_of(code, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
  if (!code.empty() && code != "Success")
    return fail(ErrorKind::kForbidden, "refused" + (word ? ": " + code : std::string()), Retry::later());
  return answer_of(text_of(object, "AccessKeyId"), text_of(object, "SecretAccessKey"),
                   text_of(object, "Token"), text_of(object, "Expiration", kLongestWord));
}

Result<CredentialsAnswer> parse_sts_answer(std::string_view xml) {
  xml = xml.substr(0, kSearchedXml);
  const auto inside = xml_element(xml, "Credentials");
  return answer_of(
      xml_word(inside, "AccessKeyId", kLongestToken), xml_word(inside, "SecretAccessKey", kLongestToken),
      xml_word(inside, "SessionToken", kLongestToken), xml_word(inside, "Expiration", kLongestWord));
}

}  // namespace pollux::publish

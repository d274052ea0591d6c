// SPDX-License-Identifier: Apache-2.0
#include "sign/sigv4.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <sstream>

#include "base/digest.hpp"
#include "base/units.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::sign {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) { return std::string(value.as_string()); }

Credentials credentials_of(const json::object& from, const char* token) {
  Credentials out{text_of(from.at("access_key_id")), Secret(text_of(from.at("secret_access_key"))),
                  std::nullopt};
  if (from.contains(token) && !from.at(token).as_string().empty())
    out.session_token = Secret(text_of(from.at(token)));
  return out;
}

/// "20150830T123600Z" or RFC 3339.
Time time_of(std::string text) {
  if (text.size() == 16) {
    for (auto [at, mark] : {std::pair{13, ':'}, {11, ':'}, {6, '-'}, {4, '-'}})
      text.insert(text.begin() + at, mark);
  }
  return parse_time(text).value();
}

std::string value_of(const Headers& headers, std::string_view name) {
  auto found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? "" : found->second;
}

/// The request of an official case: raw, with header lines that may be continued.
struct RawRequest {
  std::string method, path, query, body;
  Headers headers;
};

RawRequest read_request(const std::string& text) {
  RawRequest out;
  auto border = text.find("\n\n");
  if (border != std::string::npos) out.body = text.substr(border + 2);
  std::istringstream lines(text.substr(0, border));
  std::string line;
  std::getline(lines, line);
  auto target_at = line.find(' ') + 1;
  out.method = line.substr(0, target_at - 1);
  auto target = line.substr(target_at, line.rfind(" HTTP/1.1") - target_at);
  auto mark = target.find('?');
  out.path = target.substr(0, mark);
  if (mark != std::string::npos) out.query = target.substr(mark + 1);
  while (std::getline(lines, line)) {
    if (line.front() == ' ' || line.front() == '\t') {
      out.headers.back().second += "\n" + line;
    } else {
      auto colon = line.find(':');
      out.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
    }
  }
  return out;
}

std::string read_trimmed(const std::filesystem::path& file) {
  auto text = test::read_text(file);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

TEST(SigV4, signs_every_official_case_as_amazon_does) {
  auto root = std::filesystem::path(POLLUX_SOURCE_DIR) / "../shared/reference/sigv4";
  if (!std::filesystem::is_directory(root)) GTEST_SKIP() << "the official cases are not on this machine";
  std::size_t count = 0;
  for (const auto& folder : std::filesystem::directory_iterator(root)) {
    SCOPED_TRACE(folder.path().filename().string());
    auto context = json::parse(test::read_text(folder.path() / "context.json")).as_object();
    auto request = read_request(test::read_text(folder.path() / "request.txt"));
    auto hash = sha256_hex(request.body);
    SigningRules rules;
    rules.normalise_path = context.at("normalize").as_bool();
    rules.content_hash_header = context.at("sign_body").as_bool();
    rules.sign_session_token =
        !(context.contains("omit_session_token") && context.at("omit_session_token").as_bool());
    SigningScope scope{text_of(context.at("region")), text_of(context.at("service"))};
    Signer signer(credentials_of(context.at("credentials").as_object(), "token"), scope, rules);

    SignedParts parts{request.method, request.path, request.query, request.headers, hash};
    auto added = signer.sign(parts, time_of(text_of(context.at("timestamp"))));
    parts.headers.insert(parts.headers.end(), added.begin(), added.end());
    auto canonical = canonical_request(parts, rules);
    EXPECT_EQ(canonical, read_trimmed(folder.path() / "header-canonical-request.txt"));
    EXPECT_EQ(string_to_sign(canonical, scope, value_of(added, "X-Amz-Date")),
              read_trimmed(folder.path() / "header-string-to-sign.txt"));
    EXPECT_TRUE(value_of(added, "Authorization")
                    .ends_with("=" + read_trimmed(folder.path() / "header-signature.txt")));
    ++count;
  }
  EXPECT_EQ(count, 38U);
}

TEST(SigV4, agrees_with_the_second_implementation_on_cases_of_our_own) {
  auto file = std::filesystem::path(POLLUX_SOURCE_DIR) / "src/sign/testdata/sigv4.json";
  auto cases = json::parse(test::read_text(file)).as_array();
  ASSERT_GE(cases.size(), 70U);
  for (const auto& item : cases) {
    const auto& c = item.as_object();
    SCOPED_TRACE(text_of(c.at("name")));
    const auto& r = c.at("rules").as_object();
    SigningRules rules{r.at("normalise_path").as_bool(), r.at("double_encode").as_bool(),
                       r.at("content_hash_header").as_bool(), r.at("every_header").as_bool(),
                       r.at("sign_session_token").as_bool()};
    Headers headers;
    for (const auto& h : c.at("headers").as_array()) headers.emplace_back(text_of(h.at(0)), text_of(h.at(1)));
    auto method = text_of(c.at("method")), path = text_of(c.at("path")), query = text_of(c.at("query"));
    auto hash = sha256_hex(text_of(c.at("body")));
    SigningScope scope{text_of(c.at("region")), text_of(c.at("service"))};
    Signer signer(credentials_of(c.at("credentials").as_object(), "session_token"), scope, rules);

    SignedParts parts{method, path, query, headers, hash};
    auto added = signer.sign(parts, time_of(text_of(c.at("date"))));
    parts.headers.insert(parts.headers.end(), added.begin(), added.end());
    const auto& expected = c.at("expected").as_object();
    auto canonical = canonical_request(parts, rules);
    EXPECT_EQ(canonical, text_of(expected.at("canonical_request")));
    EXPECT_EQ(string_to_sign(canonical, scope, text_of(c.at("date"))),
              text_of(expected.at("string_to_sign")));
    EXPECT_EQ(value_of(added, "Authorization"), text_of(expected.at("authorization")));
  }
}

TEST(Signer, makes_a_new_key_when_the_day_changes_and_comes_back_to_the_old_one) {
  Signer signer({"AK", Secret("hidden-key"), std::nullopt}, {"r", "s3"}, SigningRules::s3());
  SignedParts parts{"GET", "/b/k", "", {{"Host", "h"}}, "x"};
  auto first = signer.sign(parts, time_of("20260101T235959Z"));
  Signer fresh({"AK", Secret("hidden-key"), std::nullopt}, {"r", "s3"}, SigningRules::s3());
  EXPECT_EQ(signer.sign(parts, time_of("20260102T000000Z")), fresh.sign(parts, time_of("20260102T000000Z")));
  EXPECT_EQ(signer.sign(parts, time_of("20260101T235959Z")), first);
}

TEST(Signer, never_puts_the_secret_key_into_a_header) {
  Signer signer({"AK", Secret("hidden-key"), Secret("the-token")}, {"r", "s3"}, SigningRules::s3());
  for (const auto& [name, value] : signer.sign({"GET", "/b/k", "", {{"Host", "h"}}, "x"}, Time{})) {
    EXPECT_THAT(value, testing::Not(testing::HasSubstr("hidden-key"))) << name;
  }
}

TEST(Signer, signs_for_s3_only_what_no_proxy_rewrites) {
  Signer signer({"AK", Secret("hidden-key"), Secret("the-token")}, {"r", "s3"}, SigningRules::s3());
  Headers headers{
      {"Host", "h"}, {"Content-Type", "a/b"}, {"Cache-Control", "x"}, {"Content-Encoding", "gzip"}};
  EXPECT_THAT(value_of(signer.sign({"PUT", "/b/k", "", headers, "x"}, Time{}), "Authorization"),
              testing::HasSubstr(
                  "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token,"));
}

}  // namespace
}  // namespace pollux::sign

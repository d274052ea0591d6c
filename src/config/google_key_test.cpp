// SPDX-License-Identifier: Apache-2.0
#include "config/google_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::config {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string pem(const std::string& name = "rsa_private.pem") {
  return test::read_text(std::filesystem::path(POLLUX_SOURCE_DIR) / "src/sign/testdata" / name);
}

std::string key_file(const std::string& key, const std::string& more = "") {
  return R"({"type":"service_account","private_key_id":"k1","client_email":"a@p.example","private_key":)" +
         json_quote(key) + more + "}\n";
}

TEST(GoogleKey, is_read_from_the_file_that_google_gives) {
  auto account = parse_google_key(key_file(pem(), R"(,"token_uri":"https://login.example/token")"));
  ASSERT_TRUE(account) << account.error();
  EXPECT_EQ(account->email, "a@p.example");
  EXPECT_EQ(account->key_id, "k1");
  EXPECT_EQ(account->token_uri, "https://login.example/token");
  EXPECT_EQ(account->private_key.reveal(), pem());
}

TEST(GoogleKey, is_read_from_base64_of_it_in_one_line_or_many) {
  const std::string encoded = base64(key_file(pem()));
  EXPECT_TRUE(parse_google_key(encoded));
  std::string lines;
  for (std::size_t at = 0; at < encoded.size(); at += 76) lines += encoded.substr(at, 76) + "\n";
  auto account = parse_google_key(lines);
  ASSERT_TRUE(account);
  EXPECT_EQ(account->token_uri, kGoogleTokenUri);
}

TEST(GoogleKey, may_have_line_breaks_that_an_environment_has_flattened) {
  std::string flat;
  for (const char c : pem()) flat += c == '\n' ? std::string("\\n") : std::string(1, c);
  auto key = parse_private_key(flat);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->reveal(), pem());
  EXPECT_TRUE(parse_google_key(key_file(flat)));
}

TEST(GoogleKey, is_refused_with_a_reason_that_shows_nothing_of_it) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "neither JSON nor base64"},
      {"hunter22", "neither JSON nor base64"},
      {"{\"hunter22\"", "neither JSON nor base64"},
      {"[1]", "neither JSON nor base64"},
      {base64("hunter22"), "neither JSON nor base64"},
      {R"({"type":"authorized_user","client_secret":"hunter22"})", "`type` is another"},
      {R"({"private_key":"hunter22"})", "no `client_email`"},
      {R"({"client_email":"a\r\nX: hunter22","private_key":"hunter22"})", "no `client_email`"},
      {R"({"client_email":"a@b","token_uri":"ftp://hunter22"})", "`token_uri` is no address"},
      {R"({"client_email":"a@b","token_uri":"https://u:hunter22@a"})", "`token_uri` is no address"},
      {R"({"client_email":"a@b"})", "`private_key` is no private key in PEM"},
      {R"({"client_email":"a@b","private_key":"hunter22"})", "`private_key` is no private key in PEM"},
      {key_file(pem("ec_private.pem")), "not RSA"},
      {key_file(pem("rsa_1024.pem")), "fewer than 2048 bits"}};
  for (const auto& [text, says] : cases) {
    auto account = parse_google_key(text);
    ASSERT_FALSE(account) << text;
    EXPECT_THAT(account.error(), HasSubstr(says)) << text;
    EXPECT_THAT(account.error(), Not(HasSubstr("hunter22")));
  }
}

}  // namespace
}  // namespace pollux::config

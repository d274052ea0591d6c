// SPDX-License-Identifier: Apache-2.0
#include "sign/jwt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <filesystem>
#include <memory>

#include "base/encoding.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::sign {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string testdata(const std::string& name) {
  return test::read_text(std::filesystem::path(POLLUX_SOURCE_DIR) / "src/sign/testdata" / name);
}

RsaKey key_of(const std::string& name) { return RsaKey::from_pem(Secret(testdata(name))).value(); }

const Time kNow{std::chrono::seconds(1'700'000'000)};

// As `openssl dgst -sha256 -verify` does it, with the public half alone.
bool verifies(const std::string& text, const std::string& signature) {
  const std::string pem = testdata("rsa_public.pem");
  const std::unique_ptr<BIO, decltype(&BIO_free)> bytes(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PUBKEY(bytes.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

TEST(Jwt, is_byte_for_byte_what_openssl_makes_of_the_same_claims) {
  auto made = make_jwt(
      key_of("rsa_private.pem"),
      {"key-1", "reporter@project.example", "", "https://login.example/token", "read \"all\""}, kNow);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->reveal() + "\n", testdata("jwt.txt"));
}

TEST(Jwt, is_verified_by_the_public_key_and_no_longer_when_a_byte_is_another) {
  const auto key = key_of("rsa_private.pem");
  auto signature = key.sign("header.payload");
  ASSERT_TRUE(signature);
  EXPECT_TRUE(verifies("header.payload", *signature));
  EXPECT_FALSE(verifies("header.payloaD", *signature));
  signature->back() = static_cast<char>(signature->back() ^ 1);
  EXPECT_FALSE(verifies("header.payload", *signature));
}

TEST(Jwt, is_the_same_from_a_key_in_the_older_form) {
  EXPECT_EQ(key_of("rsa_private_pkcs1.pem").sign("x").value(), key_of("rsa_private.pem").sign("x").value());
}

TEST(Jwt, lives_for_an_hour_from_the_second_in_which_it_was_made) {
  auto made =
      make_jwt(key_of("rsa_private.pem"), {"", "a", "a", "https://api.example/", ""}, kNow + Millis(999));
  ASSERT_TRUE(made);
  const std::string text = made->reveal();
  const auto dot = text.find('.');
  std::string payload = text.substr(dot + 1, text.rfind('.') - dot - 1);
  payload.resize((payload.size() + 3) / 4 * 4, '=');
  EXPECT_EQ(base64_decode(payload),
            R"({"iss":"a","sub":"a","aud":"https://api.example/","iat":1700000000,"exp":1700003600})");
}

TEST(RsaKey, refuses_what_cannot_sign_with_rs256_and_shows_nothing_of_it) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {testdata("rsa_public.pem"), "no private key in PEM"},
      {testdata("rsa_1024.pem"), "fewer than 2048 bits"},
      {testdata("ec_private.pem"), "not RSA"},
      {testdata("rsa_with_passphrase.pem"), "without a passphrase"},
      {testdata("rsa_private.pem").substr(0, 900), "no private key in PEM"},
      {"", "no private key in PEM"},
      {"hunter22", "no private key in PEM"},
      {std::string(100'000, 'x'), "far too long"}};
  for (const auto& [pem, says] : cases) {
    auto key = RsaKey::from_pem(Secret(pem));
    ASSERT_FALSE(key) << says;
    EXPECT_THAT(key.error().message, HasSubstr(says));
    EXPECT_THAT(key.error().message, Not(HasSubstr("hunter22")));
  }
}

}  // namespace
}  // namespace pollux::sign

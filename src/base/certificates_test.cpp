// SPDX-License-Identifier: Apache-2.0
#include "base/certificates.hpp"

#include <gmock/gmock.h>

#include "tests/support/authority.hpp"

namespace pollux {
namespace {

using test::Authority;
using testing::HasSubstr;

TEST(CountCertificates, finds_each_of_a_chain_beside_keys_and_words) {
  Authority authority;
  auto one = authority.issue("one");
  EXPECT_EQ(count_certificates(authority.certificate()), 1U);
  EXPECT_EQ(count_certificates("# ours\n" + one.certificate + one.key + authority.certificate()), 2U);
}

TEST(CountCertificates, says_what_is_wrong_with_a_file) {
  Authority authority;
  EXPECT_THAT(count_certificates("").error().message, HasSubstr("holds no certificate"));
  EXPECT_THAT(count_certificates(authority.issue("one").key).error().message,
              HasSubstr("holds no certificate"));
  EXPECT_THAT(count_certificates(std::string(100, '\0')).error().message, HasSubstr("holds no certificate"));
  std::string damaged = authority.certificate();
  damaged.insert(damaged.size() / 2, "!!");
  EXPECT_THAT(count_certificates(authority.certificate() + damaged).error().message, HasSubstr("damaged"));
  std::string cut = authority.certificate().substr(0, 200);
  EXPECT_FALSE(count_certificates(cut));
}

TEST(CheckKey, takes_the_key_of_the_certificate_and_no_other) {
  Authority authority;
  auto one = authority.issue("one");
  auto two = authority.issue("two");
  EXPECT_TRUE(check_key(one.certificate, one.key, std::nullopt));
  EXPECT_TRUE(check_key(one.certificate + one.key, one.certificate + one.key, std::nullopt));
  EXPECT_TRUE(check_key(one.certificate + authority.certificate(), one.key, std::nullopt));
  EXPECT_THAT(check_key(one.certificate, two.key, std::nullopt).error().message,
              HasSubstr("not the one of the certificate"));
  EXPECT_THAT(check_key(one.certificate, one.certificate, std::nullopt).error().message,
              HasSubstr("no private key"));
  EXPECT_THAT(check_key(one.key, one.key, std::nullopt).error().message, HasSubstr("no certificate"));
}

TEST(CheckKey, opens_an_encrypted_key_with_its_password_only) {
  Authority authority;
  auto one = authority.issue("one");
  auto key = Authority::encrypted(one, "open sesame");
  EXPECT_TRUE(check_key(one.certificate, key, Secret("open sesame")));
  EXPECT_THAT(check_key(one.certificate, key, Secret("open barley")).error().message,
              HasSubstr("does not open"));
  EXPECT_THAT(check_key(one.certificate, key, std::nullopt).error().message, HasSubstr("needs key_password"));
}

}  // namespace
}  // namespace pollux

// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/tls_context.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/authority.hpp"

namespace pollux::egress {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class TlsContextTest : public testing::Test {
 protected:
  TlsContextTest() {
    files_["proxy.pem"] = own_.certificate;
    files_["proxy.key"] = own_.key;
    files_["ca.pem"] = authority_.certificate();
  }
  Result<std::shared_ptr<const TlsContext>> load(TlsFiles files = {"proxy.pem", "proxy.key", "ca.pem"}) {
    return TlsContext::load(files, [this](const std::filesystem::path& path) -> Result<std::string> {
      auto found = files_.find(path);
      if (found == files_.end()) return fail(ErrorKind::kUsage, path.string() + ": no such file");
      return found->second;
    });
  }
  std::string fault() {
    auto loaded = load();
    return loaded ? "" : loaded.error().text();
  }

  test::Authority authority_;
  test::Identity own_ = authority_.issue("proxy.example");
  std::map<std::filesystem::path, std::string> files_;
};

TEST_F(TlsContextTest, says_whose_it_is_and_until_when) {
  auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().text();
  EXPECT_THAT((*loaded)->text(), AllOf(HasSubstr("CN=proxy.example, until 20"), HasSubstr("Z")));
}

TEST_F(TlsContextTest, takes_no_key_of_another_certificate) {
  files_["proxy.key"] = authority_.issue("another").key;
  EXPECT_THAT(fault(), AllOf(HasSubstr("key proxy.key"), HasSubstr("does not belong")));
}

TEST_F(TlsContextTest, takes_no_half_of_a_file) {
  files_["proxy.pem"] = own_.certificate.substr(0, own_.certificate.size() / 2);
  EXPECT_THAT(fault(), HasSubstr("certificate proxy.pem: no certificate in PEM"));
  files_["proxy.pem"] = own_.certificate;
  files_["proxy.key"] = own_.key.substr(0, own_.key.size() / 2);
  EXPECT_THAT(fault(), HasSubstr("key proxy.key: no key in PEM"));
  files_["proxy.key"] = own_.key;
  files_["ca.pem"] = "";
  EXPECT_THAT(fault(), HasSubstr("client CA ca.pem: no certificate in PEM"));
}

TEST_F(TlsContextTest, takes_no_certificate_that_has_expired) {
  own_ = authority_.issue("proxy.example", {}, true);
  files_["proxy.pem"] = own_.certificate;
  files_["proxy.key"] = own_.key;
  EXPECT_THAT(fault(), HasSubstr("certificate proxy.pem: it has expired"));
}

TEST_F(TlsContextTest, asks_nobody_for_a_password) {
  files_["proxy.key"] = test::Authority::encrypted(own_, "secret");
  EXPECT_THAT(fault(), HasSubstr("without a password"));
}

TEST_F(TlsContextTest, says_which_file_cannot_be_read) {
  files_.erase("proxy.key");
  EXPECT_THAT(fault(), HasSubstr("key cannot be read: proxy.key: no such file"));
}

}  // namespace
}  // namespace pollux::egress

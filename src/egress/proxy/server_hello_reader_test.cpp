// SPDX-License-Identifier: Apache-2.0
// Answers as OpenSSL's own server makes them.
#include "egress/proxy/server_hello_reader.hpp"

#include <gtest/gtest.h>
#include <openssl/bio.h>

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "net/task.hpp"
#include "tests/support/authority.hpp"
#include "tests/support/client_hello.hpp"

namespace pollux::egress {
namespace {

using Says = ServerHelloReader::Says;

class ServerHelloReaderTest : public testing::Test {
 protected:
  ServerHelloReaderTest() {
    const test::Identity identity = authority_.issue("localhost");
    context_.use_certificate_chain(asio::buffer(identity.certificate));
    context_.use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
  }

  std::string answer(const char* groups, int version = TLS1_3_VERSION) {
    SSL_CTX_set1_groups_list(context_.native_handle(), groups);
    const std::string hello = test::make_client_hello({.server_name = "localhost", .version = version});
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.native_handle()), &SSL_free);
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl.get(), BIO_new_mem_buf(hello.data(), static_cast<int>(hello.size())), out);
    SSL_accept(ssl.get());
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out, &data);
    return {data, static_cast<std::size_t>(size)};
  }

  static std::optional<Says> read(std::string_view bytes) { return ServerHelloReader().take(bytes); }

  test::Authority authority_;
  asio::ssl::context context_{asio::ssl::context::tls_server};
};

const std::string kWarning("\x15\x03\x03\x00\x02\x01\x70", 7);

TEST_F(ServerHelloReaderTest, tells_a_server_that_wants_another_hello) {
  EXPECT_EQ(read(answer("P-384")), Says::kAgain);
  EXPECT_EQ(read(kWarning + answer("P-384")), Says::kAgain);
  EXPECT_EQ(read(answer("X25519")), Says::kGoOn);
  EXPECT_EQ(read(answer("P-384", TLS1_2_VERSION)), Says::kGoOn);
}

TEST_F(ServerHelloReaderTest, takes_an_answer_in_pieces_and_records_of_any_size) {
  const std::string whole = answer("P-384");
  const std::size_t first = 5 + static_cast<unsigned char>(whole[4]);
  for (std::size_t size : {1U, 7U, 37U, 1000U}) {
    const std::string bytes = kWarning + test::in_records(whole.substr(0, first), size);
    ServerHelloReader reader;
    std::optional<Says> says;
    for (std::size_t i = 0; i < bytes.size() && !says; ++i) says = reader.take(bytes.substr(i, 1));
    EXPECT_EQ(says, Says::kAgain) << size;
  }
}

TEST_F(ServerHelloReaderTest, waits_for_no_more_of_what_is_no_hello) {
  for (std::string_view other : {"HTTP/1.1 400 Bad Request\r\n", "\x16\x03\x03\x01\x04\x0b", "\x16\x02"})
    EXPECT_EQ(read(other), Says::kGoOn) << other;
  EXPECT_EQ(read(kWarning), std::nullopt);
  EXPECT_EQ(read(answer("P-384").substr(0, 40)), std::nullopt);
}

}  // namespace
}  // namespace pollux::egress

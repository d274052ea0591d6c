// SPDX-License-Identifier: Apache-2.0
#include "tests/support/service_account.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <stdexcept>

#include "base/encoding.hpp"

namespace pollux::test {
namespace {

template <class Write>
std::string pem(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), &BIO_free_all);
  if (write(bio.get()) != 1) throw std::runtime_error("a key for a test: PEM");
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

KeyPair make_key_pair() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}), &EVP_PKEY_free);
  if (!key) throw std::runtime_error("a key for a test: RSA");
  return {pem([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          }),
          pem([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key.get()); })};
}

std::string service_account_file(const std::string& email, const std::string& private_key,
                                 const std::string& token_uri) {
  return R"({"type":"service_account","private_key_id":"sample","client_email":)" + json_quote(email) +
         R"(,"private_key":)" + json_quote(private_key) + R"(,"token_uri":)" + json_quote(token_uri) + "}";
}

}  // namespace pollux::test

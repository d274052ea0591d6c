// SPDX-License-Identifier: Apache-2.0
#include "base/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstring>
#include <limits>
#include <memory>

namespace pollux {
namespace {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* thing) const {
    Free(thing);
  }
};
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, FreeWith<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;

Bio reading(std::string_view text) {
  constexpr std::size_t kMost = std::numeric_limits<int>::max();
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(std::min(text.size(), kMost))));
}

struct Password {
  const std::optional<Secret>& secret;
  bool asked = false;
};

// Without it OpenSSL would ask on the terminal.
int give_password(char* buffer, int size, int, void* given) {
  auto& password = *static_cast<Password*>(given);
  password.asked = true;
  if (!password.secret) return -1;
  const std::string& text = password.secret->reveal();
  if (text.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, text.data(), text.size());
  return static_cast<int>(text.size());
}

X509Ptr next_certificate(BIO* from) {
  static const std::optional<Secret> kNone;
  Password password{kNone};
  return X509Ptr(PEM_read_bio_X509_AUX(from, nullptr, give_password, &password));
}

// Whether a reader stopped because there is no more, and not because of what it found.
bool at_end() {
  auto error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

}  // namespace

Result<std::size_t> count_certificates(std::string_view pem) {
  Bio bio = reading(pem);
  std::size_t count = 0;
  ERR_clear_error();
  while (next_certificate(bio.get())) ++count;
  const bool whole = at_end();
  ERR_clear_error();
  if (!whole) return fail(ErrorKind::kUsage, "a certificate in it is damaged");
  if (count == 0)
    return fail(ErrorKind::kUsage, "it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)");
  return count;
}

Result<void> check_key(std::string_view certificate_pem, std::string_view key_pem,
                       const std::optional<Secret>& password) {
  Bio certificate_bio = reading(certificate_pem);
  Bio key_bio = reading(key_pem);
  X509Ptr certificate = next_certificate(certificate_bio.get());
  Password asked{password};
  KeyPtr key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, give_password, &asked));
  const bool belong = certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!certificate) return fail(ErrorKind::kUsage, "no certificate to which the key could belong");
  if (!key && asked.asked && !password)
    return fail(ErrorKind::kUsage, "the key is encrypted: it needs key_password");
  if (!key && asked.asked) return fail(ErrorKind::kUsage, "key_password does not open the key");
  if (!key) return fail(ErrorKind::kUsage, "it holds no private key in PEM (-----BEGIN PRIVATE KEY-----)");
  if (!belong) return fail(ErrorKind::kUsage, "the key is not the one of the certificate");
  return {};
}

}  // namespace pollux

// SPDX-License-Identifier: Apache-2.0
#include "tests/support/authority.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace pollux::test {
namespace {

struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct CertificateFree {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyFree>;
using Certificate = std::unique_ptr<X509, CertificateFree>;

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("a certificate for a test: ") + what);
}

template <class Write>
std::string pem(Write write) {
  std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), &BIO_free_all);
  must(write(bio.get()) == 1, "PEM");
  char* data = nullptr;
  auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

void extend(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  must(extension != nullptr, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate begun(EVP_PKEY* key, const std::string& name, bool expired) {
  Certificate made(X509_new());
  constexpr long kDay = 86'400;
  unsigned char serial[8];
  must(RAND_bytes(serial, sizeof serial) == 1, "a serial number");
  serial[0] &= 0x7F;
  std::unique_ptr<BIGNUM, decltype(&BN_free)> number(BN_bin2bn(serial, sizeof serial, nullptr), &BN_free);
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(made.get()));
  X509_set_version(made.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), expired ? -kDay : 2 * kDay);
  X509_set_pubkey(made.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return made;
}

std::string pem_of(X509* certificate) {
  return pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

// What EVP_EC_gen() does, whose macro casts a const away.
EVP_PKEY* make_key() { return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"); }

}  // namespace

struct Authority::Parts {
  Key key{make_key()};
  Certificate certificate;
};

Authority::Authority(const std::string& name) : parts_(std::make_unique<Parts>()) {
  parts_->certificate = begun(parts_->key.get(), name, false);
  X509* own = parts_->certificate.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  extend(own, own, NID_basic_constraints, "critical,CA:TRUE");
  extend(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
  extend(own, own, NID_subject_key_identifier, "hash");
  must(X509_sign(own, parts_->key.get(), EVP_sha256()) > 0, "its signature");
}

Authority::~Authority() = default;

std::string Authority::certificate() const { return pem_of(parts_->certificate.get()); }

Identity Authority::issue(const std::string& name, const std::vector<std::string>& names,
                          bool expired) const {
  Key key(make_key());
  Certificate made = begun(key.get(), name, expired);
  X509* issuer = parts_->certificate.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer));
  std::string alternatives = "IP:127.0.0.1,DNS:localhost";
  for (const std::string& other : names) alternatives += ",DNS:" + other;
  extend(made.get(), issuer, NID_subject_alt_name, alternatives);
  extend(made.get(), issuer, NID_ext_key_usage, "serverAuth,clientAuth");
  must(X509_sign(made.get(), parts_->key.get(), EVP_sha256()) > 0, "its signature");
  return {pem_of(made.get()), pem([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

std::string Authority::encrypted(const Identity& identity, const std::string& password) {
  std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_mem_buf(identity.key.data(), -1), &BIO_free_all);
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  must(key != nullptr, "its key");
  return pem([&](BIO* out) {
    return PEM_write_bio_PKCS8PrivateKey(out, key.get(), EVP_aes_256_cbc(), password.data(),
                                         static_cast<int>(password.size()), nullptr, nullptr);
  });
}

}  // namespace pollux::test

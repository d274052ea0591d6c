// SPDX-License-Identifier: Apache-2.0
#include "sign/jwt.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/encoding.hpp"

namespace pollux::sign {
namespace {

constexpr int kLeastBits = 2048;

// Without one OpenSSL would ask at the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

std::unexpected<Error> unusable(std::string why) {
  ERR_clear_error();
  return fail(ErrorKind::kUsage, std::move(why));
}

void add(std::string& object, std::string_view name, const std::string& value) {
  if (value.empty()) return;
  object += object.size() > 1 ? "," : "";
  object.append(json_quote(name)).append(":").append(json_quote(value));
}

void add(std::string& object, std::string_view name, std::chrono::seconds value) {
  object += object.size() > 1 ? "," : "";
  object.append(json_quote(name)).append(":").append(std::to_string(value.count()));
}

}  // namespace

Result<RsaKey> RsaKey::from_pem(const Secret& pem) {
  const std::string& text = pem.reveal();
  if (text.size() > (std::size_t{1} << 16)) return unusable("a private key that is far too long");
  const std::unique_ptr<BIO, decltype(&BIO_free)> bytes(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
  std::shared_ptr<evp_pkey_st> key(PEM_read_bio_PrivateKey(bytes.get(), nullptr, no_passphrase, nullptr),
                                   EVP_PKEY_free);
  if (!key) return unusable("no private key in PEM without a passphrase");
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return unusable("a private key that is not RSA");
  if (EVP_PKEY_get_bits(key.get()) < kLeastBits) {
    return unusable("an RSA key of fewer than 2048 bits, which RS256 does not allow");
  }
  return RsaKey(std::move(key));
}

Result<std::string> RsaKey::sign(std::string_view bytes) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const auto* octets = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t length = 0;
  std::string out;
  const bool begun = context &&
                     EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
                     EVP_DigestSign(context.get(), nullptr, &length, octets, bytes.size()) == 1;
  if (begun) {
    out.resize(length);
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &length, octets,
                       bytes.size()) == 1) {
      out.resize(length);
      return out;
    }
  }
  ERR_clear_error();
  return fail(ErrorKind::kInternal, "OpenSSL cannot sign with this RSA key");
}

Result<Secret> make_jwt(const RsaKey& key, const Claims& claims, Time now) {
  std::string header = R"({"alg":"RS256","typ":"JWT")";
  add(header, "kid", claims.key_id);
  header += '}';
  const auto issued = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  std::string payload = "{";
  add(payload, "iss", claims.issuer);
  add(payload, "sub", claims.subject);
  add(payload, "aud", claims.audience);
  add(payload, "scope", claims.scope);
  add(payload, "iat", issued);
  add(payload, "exp", issued + kAssertionLifetime);
  payload += '}';
  const std::string signed_part = base64url(header) + "." + base64url(payload);
  auto signature = key.sign(signed_part);
  if (!signature) return std::unexpected(signature.error());
  return Secret(signed_part + "." + base64url(*signature));
}

}  // namespace pollux::sign

#pragma once
// SPDX-License-Identifier: Apache-2.0
// Signed assertions: JSON Web Tokens (RFC 7519) in compact form (RFC 7515) with RS256 (RFC 7518, 3.3), as a
// client shows them to a token endpoint (RFC 7523) or to an API itself. By OpenSSL; the time is passed in.
// Values; one thread at a time. Errors: kUsage for a key that cannot sign, kInternal where OpenSSL fails.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

struct evp_pkey_st;

namespace pollux::sign {

/// An RSA private key of 2048 bits or more (RFC 7518, 3.3); copies share it.
class RsaKey {
 public:
  /// PEM, PKCS #8 or PKCS #1, without a passphrase. The message says what is wrong and shows nothing of the
  /// text.
  static Result<RsaKey> from_pem(const Secret& pem);

  /// RSASSA-PKCS1-v1_5 with SHA-256: the raw bytes.
  Result<std::string> sign(std::string_view bytes) const;

 private:
  explicit RsaKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}

  std::shared_ptr<evp_pkey_st> key_;
};

/// What an assertion says. Empty texts are left out.
struct Claims {
  std::string key_id;  // in the header
  std::string issuer;
  std::string subject;
  std::string audience;
  std::string scope;  // no claim of RFC 7519: Google's
};

/// How long an assertion is good for: Google takes no more than an hour.
inline constexpr std::chrono::seconds kAssertionLifetime{3600};

/// header.payload.signature, issued at `now`, good for kAssertionLifetime.
Result<Secret> make_jwt(const RsaKey& key, const Claims& claims, Time now);

}  // namespace pollux::sign

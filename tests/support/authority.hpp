#pragma once
// SPDX-License-Identifier: Apache-2.0
// A certificate authority of a test's own: signs certificates for servers on 127.0.0.1 and for clients, right
// ones and expired ones. Keys are P-256, so that making one takes no time. All as PEM texts. One thread.

#include <memory>
#include <string>
#include <vector>

namespace pollux::test {

struct Identity {
  std::string certificate;
  std::string key;
};

class Authority {
 public:
  explicit Authority(const std::string& name = "Pollux Test CA");
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  /// The authority's own certificate.
  std::string certificate() const;

  /// For TLS servers and clients alike; `names` beside 127.0.0.1 and localhost.
  Identity issue(const std::string& name, const std::vector<std::string>& names = {},
                 bool expired = false) const;

  /// The key under a password (PKCS #8, AES-256).
  static std::string encrypted(const Identity& identity, const std::string& password);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pollux::test

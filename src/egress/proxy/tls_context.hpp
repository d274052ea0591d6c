#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the proxy shows to clients that come by TLS, and which certificates it takes from them. Read from
// files, checked as a whole, never changed once made: a rotated certificate makes another one, and
// connections that stand keep theirs. Any thread.

#include <boost/asio/ssl/context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace pollux::egress {

struct TlsFiles {
  std::filesystem::path certificate;  // PEM, with the chain behind it
  std::filesystem::path key;          // PEM, without a password
  std::filesystem::path client_ca;    // PEM; empty: nobody is asked for a certificate
  bool certificates_required = true;  // where there is a client_ca
  bool operator==(const TlsFiles&) const = default;
};

class TlsContext {
 public:
  using ReadFile = std::function<Result<std::string>(const std::filesystem::path&)>;

  /// kUsage, with the path: a file cannot be read, is no PEM, key and certificate do not belong together, the
  /// certificate has expired.
  static Result<std::shared_ptr<const TlsContext>> load(const TlsFiles& files, const ReadFile& read);

  SSL_CTX* native() const { return context_.native_handle(); }
  /// "CN=proxy.example, until 2027-01-31T00:00:00Z".
  const std::string& text() const { return text_; }

 private:
  explicit TlsContext(boost::asio::ssl::context context) : context_(std::move(context)) {}

  mutable boost::asio::ssl::context context_;
  std::string text_;
};

}  // namespace pollux::egress

#pragma once
// SPDX-License-Identifier: Apache-2.0
// AWS Signature Version 4, in headers: what libcurl's own signer gets wrong (unsorted queries, keys without a
// value, no hash of the content). Source of the rules: AWS General Reference, "Create a signed AWS API
// request"; checked against Amazon's official cases. Pure functions, and a Signer that keeps the day's key:
// one thread at a time. Nothing here can fail.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"

namespace pollux::sign {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  std::optional<Secret> session_token;
};

/// One request as it goes onto the wire.
struct SignedParts {
  std::string_view method;
  std::string_view path;          // begins with /
  std::string_view query;         // without ?
  Headers headers;                // Host among them
  std::string_view payload_hash;  // sha256_hex of the body
};

/// In what services differ.
struct SigningRules {
  bool normalise_path = true;        // fold //, /./ and /../
  bool double_encode = true;         // encode the path of the wire once more
  bool content_hash_header = false;  // send and sign x-amz-content-sha256
  bool every_header = true;          // false: only host, content-type and x-amz-*, which no proxy rewrites
  bool sign_session_token = true;    // false: it is sent, but not signed

  /// Amazon S3 takes the path as it is, and insists on the hash of the content.
  static SigningRules s3() { return {false, false, true, false, true}; }
};

/// Where a signature is good for.
struct SigningScope {
  std::string region;
  std::string service;
};

/// The request in the one form that both sides hash. Signs what `rules` choose of parts.headers, plus
/// nothing.
std::string canonical_request(const SignedParts& parts, const SigningRules& rules);

/// "20150830T123600Z"
std::string amz_date(Time now);

std::string string_to_sign(std::string_view canonical, const SigningScope& scope, std::string_view amz_date);

class Signer {
 public:
  Signer(Credentials credentials, SigningScope scope, SigningRules rules);

  /// The headers to add to the request: X-Amz-Date, X-Amz-Content-Sha256, X-Amz-Security-Token,
  /// Authorization. They hold the session token and a signature: never log them.
  Headers sign(SignedParts parts, Time now);

 private:
  const std::string& key_of(std::string_view day);

  Credentials credentials_;
  SigningScope scope_;
  SigningRules rules_;
  std::string day_;  // whose key it is
  std::string key_;
};

}  // namespace pollux::sign

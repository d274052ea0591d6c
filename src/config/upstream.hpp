#pragma once
// SPDX-License-Identifier: Apache-2.0
// An API as the file describes it: address, credentials, limits, the way there. Written by load() (load.hpp),
// read-only afterwards. No I/O.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/secret.hpp"
#include "base/units.hpp"

namespace pollux::config {

struct KeyAuth {
  enum class In { kHeader, kQuery };
  In in = In::kHeader;
  std::string name;
  Secret value;
};
struct BasicAuth {
  std::string user;
  Secret password;
};
struct BearerAuth {
  Secret token;
};
/// OAuth 2.0 client credentials grant (RFC 6749, 4.4); the client authenticates in the form body.
struct OAuth2Auth {
  std::string token_url;
  std::string client_id;
  Secret client_secret;
  std::string scope;  // empty: not sent
};
using Auth = std::variant<std::monostate, KeyAuth, BasicAuth, BearerAuth, OAuth2Auth>;

struct Timeouts {
  Millis connect = std::chrono::seconds(5);
  Millis total = std::chrono::seconds(30);
  Millis stall = std::chrono::seconds(10);  // no byte for this long
};

struct RetryPolicy {
  std::size_t attempts = 3;  // the first one counts
  Millis backoff_from = Millis(500);
  Millis backoff_to = std::chrono::seconds(30);
};

enum class Redirects { kNone, kSameHost, kAny };

struct Upstream {
  std::string name;
  std::string url;  // http or https, no query, no trailing slash
  Auth auth;
  std::vector<std::pair<std::string, Secret>> headers;  // sent with every request
  std::size_t concurrency = 4;
  Timeouts timeouts;
  RetryPolicy retry;
  std::optional<Secret> proxy;  // http:// or https:// URL, may hold user:password
  std::optional<std::filesystem::path> ca_file;
  Redirects redirects = Redirects::kSameHost;
  Bytes max_answer{64ULL << 20};
};

}  // namespace pollux::config

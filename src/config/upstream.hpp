#pragma once
// SPDX-License-Identifier: Apache-2.0
// An API as the file describes it: address, credentials, limits, the way there. Written by load() (load.hpp),
// read-only afterwards. No I/O.

#include <cstddef>
#include <cstdint>
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
/// OAuth 2.0: the client credentials grant (RFC 6749, 4.4), or a refresh token (6) where there is one.
struct OAuth2Auth {
  enum class ClientIn { kBody, kHeader };  // RFC 6749, 2.3.1
  std::string token_url;
  std::string client_id;
  Secret client_secret;
  std::string scope;  // empty: not sent
  ClientIn client_in = ClientIn::kBody;
  std::string audience;                                // empty: not sent
  std::vector<std::pair<std::string, Secret>> fields;  // further fields of the token request
  std::optional<Secret> refresh_token;                 // the first one; a rotated one is kept in the state
};
/// Google service accounts (RFC 7523 with RS256): the assertion is exchanged for a token, or is itself the
/// token.
struct GoogleAuth {
  struct Account {
    std::string email;
    std::string key_id;
    std::string token_uri;
    Secret private_key;  // PEM
  };
  std::vector<Account> accounts;  // at least one; several are used in turn
  std::string token_url;          // already in each account's token_uri; empty: the keys' own
  std::string scope;              // exchanged: what the token is for
  std::string audience;           // self-signed: the API's own address; empty: exchanged
};
/// AWS Signature Version 4, on each request.
struct AwsAuth {
  std::string access_key_id;
  Secret secret_access_key;
  std::optional<Secret> session_token;
  std::string region;
  std::string service;
};
using Auth = std::variant<std::monostate, KeyAuth, BasicAuth, BearerAuth, OAuth2Auth, GoogleAuth, AwsAuth>;

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

/// So many requests in each window of time; tokens, retries and pages count.
struct Limit {
  enum class Per { kSecond, kMinute, kHour, kDay, kMonth };
  std::uint64_t requests = 1;
  Per per = Per::kMinute;
  bool sliding = false;      // false: windows begin on the wall clock, in `zone`
  std::string zone = "UTC";  // of the reset, for days and months
  bool operator==(const Limit&) const = default;
};

/// When an upstream is left alone for a while.
struct BreakerPolicy {
  std::size_t failures = 5;  // in a row, of requests that reached nothing or a 5xx; 0: never opens
  Millis pause_from = std::chrono::seconds(10);
  Millis pause_to = std::chrono::minutes(5);
};

/// A client certificate for mutual TLS, PEM.
struct ClientCertificate {
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::optional<Secret> key_password;
};

/// `proxy: env`: what the environment said when the file was loaded.
struct EnvironmentProxy {
  std::optional<Secret> http;           // for http:// addresses
  std::optional<Secret> https;          // for https:// addresses
  std::vector<std::string> exceptions;  // NO_PROXY: hosts, .domains, addresses, CIDR ranges, *
};

enum class TlsVersion { k12, k13 };

enum class Redirects { kNone, kSameHost, kAny };

struct Upstream {
  std::string name;
  std::string url;  // http or https, no query, no trailing slash
  Auth auth;
  std::vector<std::pair<std::string, Secret>> headers;  // sent with every request
  std::size_t concurrency = 4;
  Timeouts timeouts;
  RetryPolicy retry;
  std::vector<Limit> limits;
  BreakerPolicy breaker;
  std::optional<Secret> proxy;  // http://, https:// or socks5h:// URL, may hold user:password
  std::optional<EnvironmentProxy> environment_proxy;  // in place of `proxy`
  std::optional<std::filesystem::path> proxy_ca_file;
  std::optional<std::filesystem::path> ca_file;
  std::optional<ClientCertificate> client_certificate;
  TlsVersion tls_at_least = TlsVersion::k12;
  Redirects redirects = Redirects::kSameHost;
  Bytes max_answer{64ULL << 20};
};

}  // namespace pollux::config

#pragma once
// SPDX-License-Identifier: Apache-2.0
// Outgoing HTTP. The interface that stages see; CurlClient (curl_client.hpp) is the real one. Every failure
// is a Result; an answer with any status is no failure here: what a 503 means is for the caller. Owned by the
// app, used on the io thread. Canceling the awaiting coroutine (asio cancellation) ends the transfer and
// returns kCanceled.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/units.hpp"
#include "net/task.hpp"

namespace pollux::net {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// The first header of this name, in any case; empty if there is none.
std::string_view find_header(const Headers& headers, std::string_view name);

/// For mutual TLS, PEM; the key may stand in the certificate's file. Read anew for each connection, so that
/// renewed files are used without a restart.
struct ClientCertificate {
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::optional<Secret> key_password;
  bool operator==(const ClientCertificate&) const = default;
};

enum class TlsVersion { k12, k13 };

/// By which way and as whom a request goes out. Connections are shared by requests with the same way only, so
/// that none travels with another's proxy password or client certificate.
struct WayOut {
  std::optional<Secret> proxy;  // nullopt: straight. Never taken from the process's environment.
  std::optional<std::filesystem::path>
      proxy_ca_file;                             // whom to trust as an https proxy; nullopt: the system's
  std::optional<std::filesystem::path> ca_file;  // whom to trust behind it; nullopt: the system's
  std::optional<ClientCertificate> certificate;  // shown to the server, never to the proxy
  TlsVersion tls_at_least = TlsVersion::k12;
  bool operator==(const WayOut&) const = default;
};

struct HttpRequest {
  enum class Redirects { kNone, kSameHost, kAny };
  /// The proxy for an address; nullopt: straight.
  using ProxyFor = std::function<std::optional<Secret>(const std::string& url)>;

  std::string method = "GET";  // GET, HEAD, POST, PUT, DELETE
  std::string url;  // http or https; may hold a secret key in its query: never log it, log host_of(url)
  Headers headers;  // without Host and Content-Length
  std::string body;

  WayOut way;
  ProxyFor proxy_for;  // asked for the URL and for each redirect to another host; empty: way.proxy stays
  Redirects redirects = Redirects::kNone;
  Millis connect_timeout = std::chrono::seconds(5);
  Millis total_timeout = std::chrono::seconds(30);
  Millis stall_timeout = std::chrono::seconds(10);
  Bytes max_body{64ULL << 20};  // counted after decompression
  bool decompress = true;       // offers and undoes gzip, deflate, br

  /// Puts the header in the place of an earlier one of the same name, in any case.
  void set_header(std::string_view name, std::string value);
};

struct HttpResponse {
  int status = 0;
  Headers headers;  // of the last answer of a chain of redirects
  std::string body;

  /// The first header of this name, in any case; empty if there is none.
  std::string_view header(std::string_view name) const { return find_header(headers, name); }
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  /// Errors: kNetwork, kProxy, kTls, kTimeout, kRedirect, kTooLarge, kTruncated, kMalformed (bad encoding),
  /// kCanceled. Each says whether trying again can help.
  virtual Task<Result<HttpResponse>> send(HttpRequest request) = 0;
};

/// RFC 9110, 5.6.7 in its three forms; nullopt for anything else.
std::optional<Time> parse_http_date(const std::string& text);

/// "api.example.gov" or "127.0.0.1:8080": what a message may say of a URL; never path, query or user.
std::string host_of(std::string_view url);

/// "https://api.example.gov:443": scheme, host and port of an http or https URL (RFC 6454, 4), the port also
/// where none is said. Credentials for one origin go to no other: redirects and next pages are held against
/// this.
std::string origin_of(std::string_view url);

}  // namespace pollux::net

#pragma once
// SPDX-License-Identifier: Apache-2.0
// Outgoing HTTP. The interface that stages see; CurlClient (curl_client.hpp) is the real one. Every failure is a Result; an
// answer with any status is no failure here: what a 503 means is for the caller. Owned by the app, used on the io thread.
// Canceling the awaiting coroutine (asio cancellation) ends the transfer and returns kCanceled.

#include <cstdint>
#include <filesystem>
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

struct HttpRequest {
  enum class Redirects { kNone, kSameHost, kAny };

  std::string method = "GET";  // GET, HEAD, POST, PUT, DELETE
  std::string url;             // http or https; may hold a secret key in its query: never log it, log host_of(url)
  Headers headers;             // without Host and Content-Length
  std::string body;

  std::optional<Secret> proxy;  // nullopt: straight. Never taken from the process's environment.
  std::optional<std::filesystem::path> ca_file;
  Redirects redirects = Redirects::kNone;
  Millis connect_timeout = std::chrono::seconds(5);
  Millis total_timeout = std::chrono::seconds(30);
  Millis stall_timeout = std::chrono::seconds(10);
  Bytes max_body{64ULL << 20};  // counted after decompression
  bool decompress = true;       // offers and undoes gzip, deflate, br
};

struct HttpResponse {
  int status = 0;
  Headers headers;  // of the last answer of a chain of redirects
  std::string body;

  /// The first header of this name, in any case; empty if there is none.
  std::string_view header(std::string_view name) const;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  /// Errors: kNetwork, kProxy, kTls, kTimeout, kRedirect, kTooLarge, kTruncated, kMalformed (bad encoding), kCanceled. Each says
  /// whether trying again can help.
  virtual Task<Result<HttpResponse>> send(HttpRequest request) = 0;
};

/// "api.example.gov" or "127.0.0.1:8080": what a message may say of a URL; never path, query or user.
std::string host_of(std::string_view url);

}  // namespace pollux::net

#pragma once
// SPDX-License-Identifier: Apache-2.0
// HttpClient over libcurl's multi interface, driven by Asio: curl's sockets stand in one epoll set of their
// own, and Asio waits for that set and for curl's one timer. Connections are kept and reused across requests.
// Owned by the app; one io thread only; must outlive every request in flight (the app's task group joins
// before this is destroyed).

#include <cstddef>
#include <memory>

#include "net/http_client.hpp"

namespace boost::asio {
class io_context;
}

namespace pollux::net {

class CurlClient final : public HttpClient {
 public:
  struct Options {
    std::size_t max_connections = 256;  // 17 KB each, 50 KB with TLS: idle ones beyond this are closed
    std::size_t max_redirects = 5;
  };
  CurlClient(asio::io_context& io, Options options);
  explicit CurlClient(asio::io_context& io);
  ~CurlClient() override;
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  Task<Result<HttpResponse>> send(HttpRequest request) override;

 private:
  class Engine;
  std::shared_ptr<Engine> engine_;
  Options options_;
};

}  // namespace pollux::net

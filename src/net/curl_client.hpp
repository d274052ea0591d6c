#pragma once
// SPDX-License-Identifier: Apache-2.0
// HttpClient over libcurl: redirects here, transfers and connections in one CurlEngine for each way out.
// Connections are kept and reused across requests of the same way. Owned by the app; one io thread only;
// must outlive every request in flight (the app's task group joins before this is destroyed).

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "net/http_client.hpp"

namespace boost::asio {
class io_context;
}

namespace pollux::net {

class CaBundle;
class CurlEngine;

class CurlClient final : public HttpClient {
 public:
  struct Options {
    // Of each way out; 17 KB each, 50 KB with TLS: idle ones beyond this are closed.
    std::size_t max_connections = 256;
    std::size_t max_redirects = 5;
    std::shared_ptr<const CaBundle> system_cas;  // in place of libcurl's own; null: those
  };
  CurlClient(asio::io_context& io, Options options);
  explicit CurlClient(asio::io_context& io);
  ~CurlClient() override;
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  Task<Result<HttpResponse>> send(HttpRequest request) override;

 private:
  std::shared_ptr<CurlEngine> engine_for(const WayOut& way);

  asio::io_context& io_;
  Options options_;
  // As many as the file has proxies, certificates and CA files; by that way, in the order of first use.
  std::vector<std::pair<WayOut, std::shared_ptr<CurlEngine>>> engines_;
};

}  // namespace pollux::net

#pragma once
// SPDX-License-Identifier: Apache-2.0
// The daemon's own pages: /, /status.json, /healthz, /readyz, and the directory stores below /public/. A
// handler for net::HttpServer, which the app owns together with it. Keeps nothing: each request asks the data
// source. Io thread.

#include <string>
#include <vector>

#include "console/data_source.hpp"
#include "net/http_server.hpp"

namespace pollux::console {

struct Options {
  std::string listen_host = "127.0.0.1";  // as configured: what the Host header may name
  std::vector<PublicStore> stores;        // one: served at /public/; several: at /public/<name>/
};

class Console {
 public:
  Console(Options options, DataSource source);

  Task<net::ServerResponse> answer(net::ServerRequest request);

  /// For HttpServer; the console must outlive the server's serve().
  net::Handler handler();

 private:
  net::ServerResponse own_page(const net::ServerRequest& request) const;
  Task<net::ServerResponse> object(net::ServerRequest request);

  Options options_;
  DataSource source_;
  std::vector<std::string> store_names_;
};

}  // namespace pollux::console

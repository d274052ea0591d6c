#pragma once
// SPDX-License-Identifier: Apache-2.0
// One request on one libcurl easy handle: what is asked of curl, and what it hands back. Knows nothing of
// Asio. Private to net; io thread. Errors are those of curl_error.hpp.

#include <curl/curl.h>

#include <memory>

#include "net/http_client.hpp"

namespace pollux::net {

struct CurlEasyDelete {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct CurlListDelete {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlEasy = std::unique_ptr<CURL, CurlEasyDelete>;

class CurlTransfer {
 public:
  /// `easy` must be fresh or reset; it is handed back by release().
  CurlTransfer(HttpRequest request, CurlEasy easy);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  /// Sets every option. `system_cas` is the file of the system's CAs; empty: libcurl's own. An error is a
  /// request that must not be sent (a line break in a header).
  Result<void> prepare(const std::string& system_cas);

  /// The answer, or what went wrong, once curl is done.
  Result<HttpResponse> finish(CURLcode code);

  /// Where the answer redirects to, resolved against the request's URL; empty if it does not.
  std::string redirect_target() const;

  CURL* easy() const { return easy_.get(); }
  CurlEasy release() { return std::move(easy_); }
  const HttpRequest& request() const { return request_; }

 private:
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static int on_sending(void* self, char* peer, char* here, int peer_port, int port_here);
  static curl_socket_t on_connecting(void* self, curlsocktype purpose, curl_sockaddr* to);
  void hear_of_tunnel(std::string_view line);
  void set_limits();
  void set_tls(const std::string& system_cas);
  void set_egress();
  void set_method();
  Result<void> set_headers();

  HttpRequest request_;
  CurlEasy easy_;
  std::unique_ptr<curl_slist, CurlListDelete> headers_;
  HttpResponse response_;
  Headers of_tunnel_;  // what a refused CONNECT says of itself; bounded
  bool too_large_ = false;
  bool begun_ = false;       // the request has been sent, or some of it
  bool sent_again_ = false;  // curl was about to send it a second time
  char reason_[CURL_ERROR_SIZE] = {};
};

}  // namespace pollux::net

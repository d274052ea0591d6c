// SPDX-License-Identifier: Apache-2.0
#include "tests/support/ask.hpp"

#include <boost/asio/io_context.hpp>
#include <utility>

#include "net/curl_client.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::test {

net::HttpResponse ask(net::HttpRequest request) {
  asio::io_context io;
  net::CurlClient client(io);
  auto answer = run_task(io, client.send(std::move(request)));
  if (answer) return std::move(*answer);
  return {0, {}, answer.error().message};
}

net::HttpResponse get(const std::string& url, net::Headers headers) {
  net::HttpRequest request;
  request.url = url;
  request.headers = std::move(headers);
  return ask(std::move(request));
}

}  // namespace pollux::test

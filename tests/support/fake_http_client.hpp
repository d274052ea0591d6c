#pragma once
// SPDX-License-Identifier: Apache-2.0
// An HttpClient that answers from a function and remembers what it was asked. Each answer comes after a trip
// through the event loop, as a real one does, so that requests overlap as they would.

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <utility>
#include <vector>

#include "net/http_client.hpp"

namespace pollux::test {

class FakeHttpClient final : public net::HttpClient {
 public:
  using Answer = std::function<Result<net::HttpResponse>(const net::HttpRequest&)>;
  explicit FakeHttpClient(Answer answer) : answer_(std::move(answer)) {}

  Task<Result<net::HttpResponse>> send(net::HttpRequest request) override {
    requests.push_back(request);
    ++in_flight_;
    most_in_flight = std::max(most_in_flight, in_flight_);
    for (int turn = 0; turn < 3; ++turn) co_await asio::post(asio::use_awaitable);
    --in_flight_;
    co_return answer_(request);
  }

  std::vector<net::HttpRequest> requests;
  int most_in_flight = 0;

 private:
  Answer answer_;
  int in_flight_ = 0;
};

inline net::HttpResponse response(int status, std::string body, net::Headers headers = {}) {
  return {status, std::move(headers), std::move(body)};
}

}  // namespace pollux::test

#pragma once
// SPDX-License-Identifier: Apache-2.0
// Endpoints with limits of their own, /limited/NAME: each request is counted when it comes in, by this clock,
// and every moment is kept. One over a limit is answered with 429 and remembered as a violation. PUT /_limits
// sets them, GET /_limits tells what came. A counter as plain as can be, to hold a client's against.

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http_server.hpp"

namespace pollux::sample_api {

class LimitedEndpoints {
 public:
  explicit LimitedEndpoints(const Clock& clock) : clock_(clock) {}

  /// {"NAME": ["5/second", "60/minute sliding"]}; forgets what was counted. kMalformed says what is wrong.
  Result<void> set(std::string_view json);
  /// {"NAME": {"requests": 17, "violations": 0}}
  std::string tell() const;

  /// For /limited/NAME; a name without limits takes any number.
  net::ServerResponse answer(const net::ServerRequest& request);

 private:
  struct Limit {
    std::size_t requests = 0;
    Millis length{0};
    bool sliding = false;
  };
  struct Endpoint {
    std::vector<Limit> limits;
    std::deque<Time> arrivals;
    std::size_t violations = 0;
  };
  static Result<Limit> parse(std::string_view text);
  static bool exceeded(const Endpoint& endpoint, Time now);

  const Clock& clock_;
  std::map<std::string, Endpoint, std::less<>> endpoints_;
};

inline constexpr std::string_view kLimitedPath = "/limited/";

}  // namespace pollux::sample_api

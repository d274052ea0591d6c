#pragma once
// SPDX-License-Identifier: Apache-2.0
// The first verb: runs a poll's steps, side by side where no step waits for another's answer. All answers or
// none. io thread.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/config.hpp"
#include "poll/fetch/upstream_session.hpp"

namespace pollux::fetch {

struct Answer {
  std::string step;  // empty for the only step of an unnamed fetch
  config::Format format = config::Format::kJson;
  std::string body;
  std::string content_type;
};

class Fetcher {
 public:
  using Sessions = std::map<std::string, std::unique_ptr<UpstreamSession>>;
  /// `sessions` has one for each upstream of the file, and outlives this.
  explicit Fetcher(const Sessions& sessions) : sessions_(sessions) {}

  /// Every step's answer in the order of the file, or the first failure in that order, with the step's name
  /// in `where`. Adds to `effort` either way.
  Task<Result<std::vector<Answer>>> fetch(const config::Poll& poll, Time at, Effort& effort) const;

 private:
  const Sessions& sessions_;
};

}  // namespace pollux::fetch

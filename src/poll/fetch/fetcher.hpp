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

struct Fetched {
  std::vector<Answer> answers;  // in the order of the file
  std::size_t attempts = 0;     // requests for the steps, retries counted
  std::size_t bytes = 0;
};

class Fetcher {
 public:
  using Sessions = std::map<std::string, std::unique_ptr<UpstreamSession>>;
  /// `sessions` has one for each upstream of the file, and outlives this.
  explicit Fetcher(const Sessions& sessions) : sessions_(sessions) {}

  /// Every step's answer, or the first failure in the order of the file, with the step's name in `where`.
  Task<Result<Fetched>> fetch(const config::Poll& poll, Time at) const;

 private:
  const Sessions& sessions_;
};

}  // namespace pollux::fetch

#pragma once
// SPDX-License-Identifier: Apache-2.0
// The first verb: runs a poll's steps, side by side where no step waits for another's answer. All answers or
// none; and none where every upstream says that nothing has changed. io thread; large answers are taken apart
// on the pool.

#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/config.hpp"
#include "poll/fetch/upstream_session.hpp"

namespace pollux::fetch {

struct Answer {
  std::string step;                               // empty for the only step of an unnamed fetch
  config::Format format = config::Format::kJson;  // or text: nothing else is left of lines and tables
  std::string body;                               // UTF-8, not yet checked
  std::string content_type;
};

/// What lets an upstream say "not modified" (RFC 9110, 8.8 and 13.1), by step.
struct Validator {
  std::string etag;
  std::string last_modified;
  std::string request;  // what was asked, as a digest: another question has another answer
  bool operator==(const Validator&) const = default;
};
using Validators = std::map<std::string, Validator>;

/// What a run wants to have fetched.
struct Asked {
  Time at{};                      // the moment that it works for: ${date:...}
  std::optional<Time> until;      // the poll's next slot: no wait goes beyond it
  std::string cursor;             // ${cursor}, as JSON; empty: the poll has none
  Validators validators;          // of the last good run; empty: everything is fetched whole
  bool waits_out_trouble = true;  // false: an upstream in trouble is not waited for
};

struct Fetched {
  std::vector<Answer> answers;  // every step's, in the order of the file
  Validators validators;        // to be remembered once the run has ended well
  bool not_modified = false;    // everything is as it was: there are no answers
};

/// Runs a jq program of the poll on a JSON text, in the run that asked for this: the value as JSON. From the
/// transform stage, by whoever joins the two. The poll and what was asked outlive the task.
using Evaluate = std::function<Task<Result<std::string>>(const config::Poll& poll, const Asked& asked,
                                                         std::string program, std::string input)>;

class Fetcher {
 public:
  using Sessions = std::map<std::string, std::unique_ptr<UpstreamSession>>;

  /// `sessions` has one for each upstream of the file; it and the pool outlive this. Without `evaluate` no
  /// step can page by a program; without a pool everything is done on the io thread.
  explicit Fetcher(const Sessions& sessions, Evaluate evaluate = {}, asio::thread_pool* pool = nullptr)
      : sessions_(sessions), evaluate_(std::move(evaluate)), pool_(pool) {}

  /// All of it, or the first failure in the order of the file, with the step's name in `where`. Adds to
  /// `effort` either way.
  Task<Result<Fetched>> fetch(const config::Poll& poll, const Asked& asked, Effort& effort) const;

 private:
  const Sessions& sessions_;
  Evaluate evaluate_;
  asio::thread_pool* pool_;
};

}  // namespace pollux::fetch

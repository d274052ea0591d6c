#pragma once
// SPDX-License-Identifier: Apache-2.0
// One run of one poll: fetch, transform, check, publish, in this order and nothing else. Joins the stages,
// which do not know each other. Whatever goes wrong before the last verb leaves what is public as it was. io
// thread; heavy checking goes to the pool. Canceling it ends the run as skipped.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/redactor.hpp"
#include "config/config.hpp"
#include "log/logger.hpp"
#include "poll/check/schema.hpp"
#include "poll/fetch/fetcher.hpp"
#include "poll/keeper.hpp"
#include "poll/publish/store.hpp"
#include "poll/record.hpp"
#include "poll/transform/program_runner.hpp"

namespace boost::asio {
class thread_pool;
}

namespace pollux::poll {

/// What runs work with. Everything outlives every run.
struct Stages {
  const fetch::Fetcher& fetcher;
  transform::ProgramRunner& programs;
  const std::map<std::string, check::Schema>& schemas;  // by poll; none where a poll has none
  const std::map<std::string, std::unique_ptr<publish::Store>>& stores;
  const Redactor& redactor;
  log::Logger& logger;  // what came back, at debug
  const Clock& clock;
  asio::thread_pool& pool;
  Keeper* keeper = nullptr;  // of cursors and windows; null: nothing is remembered from run to run
};

/// How long each verb took.
struct Durations {
  Millis fetch{0}, transform{0}, check{0}, publish{0};
};

/// What a poll with a cursor or a window starts from.
struct Before {
  std::string cursor;  // JSON; empty: the poll has none
  std::string window;  // JSON, the list as it was last public; empty: the poll has none, or not yet
  Time at{};           // when the run began
  fetch::Validators validators = {};  // of what is public; empty: everything is fetched whole
};

/// What fetch, transform and check made: ready to be public.
struct Prepared {
  std::string body;
  std::string content_type;      // empty: by the object's name
  fetch::Validators validators;  // of the answers that it is made of
  bool not_modified = false;     // nothing has changed: there is no body
  std::string cursor;            // for the next run, once this is public; empty: the poll has none
};

struct RunReport {
  Outcome outcome = Outcome::kFailed;
  std::optional<Error> error;        // why it kept, failed or was skipped
  std::string message;               // the whole story in one line, without secrets
  std::vector<std::string> written;  // "store:path" of each object that was written
  std::size_t bytes_out = 0;
  bool not_modified = false;  // every upstream said so: nothing was fetched
  fetch::Effort effort;
  Durations took;
  Record record;                     // what to remember
  std::vector<state::Write> writes;  // and what to write in the same batch as the record
};

/// The time that a run works for and has.
struct Slot {
  Time at{};                      // the clock's when it was due, or --at
  std::optional<Time> until;      // the poll's next one: no wait goes beyond it
  bool waits_out_trouble = true;  // false: an upstream in trouble is not waited for
};

/// The first three verbs. Writes nothing.
Task<Result<Prepared>> prepare(const Stages& stages, const config::Poll& poll, Slot slot,
                               const Before& before, fetch::Effort& effort, Durations& took);

/// Schema and secrets: what is judged of a body before it becomes public.
Task<Result<void>> judge(const Stages& stages, const config::Poll& poll, const std::string& body);

/// All four. `before` is what the last run left.
Task<RunReport> run_once(const Stages& stages, const config::Poll& poll, Record before, Slot slot);

}  // namespace pollux::poll

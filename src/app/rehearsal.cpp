// SPDX-License-Identifier: Apache-2.0
#include "app/rehearsal.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>

#include "app/held_store.hpp"
#include "app/poll_runner.hpp"
#include "poll/run_once.hpp"

namespace pollux::app {

namespace {

// Where the clock stands still no wait would ever end: whoever asks for one is refused.
Time patience_of(const Runtime& runtime, const config::Poll& poll) {
  const Time now = runtime.clock.now();
  return runtime.options.stands_at ? now + Millis(1) : one_period_from(now, poll);
}

}  // namespace

Rehearsed rehearse(Runtime& runtime, const config::Poll& poll, Time at) {
  poll::RunReport report;
  std::exception_ptr thrown;
  auto done = [&](std::exception_ptr e, poll::RunReport result) {
    thrown = e;
    report = std::move(result);
    runtime.io.stop();
  };
  poll::Stages stages = runtime.stages;
  stages.keeper = nullptr;  // a cursor begins at its start, a window empty: the next replay must find them so
  const poll::Slot slot{at, patience_of(runtime, poll), false};
  asio::co_spawn(runtime.io, poll::run_once(stages, poll, poll::Record(), slot), done);
  runtime.io.run();
  runtime.io.restart();
  if (thrown) std::rethrow_exception(thrown);
  Rehearsed out{std::move(report.error), {}};
  if (out.error) return out;
  for (const config::Publication& publication : poll.publish) {
    const auto& store = static_cast<const HeldStore&>(*runtime.stores.at(publication.to));
    if (auto object = store.objects().find(publication.path); object != store.objects().end())
      out.objects[publication.path] = object->second.body;
  }
  return out;
}

config::File only(const config::File& file, const std::vector<std::string>& polls) {
  // Each member by its place, so that the compiler tells of a new one.
  config::File out{file.path, file.upstreams,           file.stores, {}, file.state, file.listen,
                   file.log,  file.system_certificates, file.secrets};
  for (const std::string& name : polls) {
    if (auto found = file.polls.find(name); found != file.polls.end()) out.polls.insert(*found);
  }
  return out;
}

}  // namespace pollux::app

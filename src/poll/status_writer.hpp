#pragma once
// SPDX-License-Identifier: Apache-2.0
// Writes `_status.json` to a store after runs: at once when the store has been left alone, else as soon as
// the earlier write is done and its pause is over, so that a thousand runs a second are one write a second
// and the last state always gets there. Owned by the app, one for each store; io thread.

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "base/clock.hpp"

#include "base/result.hpp"
#include "poll/publish/store.hpp"

namespace pollux::poll {

class StatusWriter {
 public:
  using Text = std::function<std::string()>;  // the object as it should be now
  using Failed =
      std::function<void(const Error& error)>;  // a write that did not work; the next run tries again

  StatusWriter(asio::any_io_executor executor, publish::Store& store, Text text, Failed failed, Millis pause);

  /// Something changed.
  void touch();

  /// Writes whenever something changed, until it is canceled. Spawned by the app's task group.
  Task<> work();

  /// Writes now, if something changed since the last write; waits for a write that is under way, so that what
  /// is true now stands in the store afterwards. For the end of `once` and of the daemon.
  Task<> flush();

 private:
  Task<> write();

  publish::Store& store_;
  Text text_;
  Failed failed_;
  Millis pause_;
  asio::steady_timer changed_;  // canceled to say so
  asio::steady_timer written_;  // canceled when a write is over
  bool dirty_ = false;
  bool writing_ = false;
};

}  // namespace pollux::poll

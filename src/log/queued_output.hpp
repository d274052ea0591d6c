#pragma once
// SPDX-License-Identifier: Apache-2.0
// Lines for an output that may stand still: standard output is often a pipe, and a write to a full one waits
// until somebody reads. A daemon must not wait for its log, so here the line is put into a queue, and a
// thread of its own writes. What the queue has no room for is dropped and counted, and a line `log_dropped`
// tells how many, in their place. For a command that ends by itself waiting is right: there the output is
// used as it is.

#include <cstddef>
#include <memory>
#include <string_view>
#include <thread>

#include "base/units.hpp"
#include "log/logger.hpp"

namespace pollux::log {

/// Owned by the sink that is made of it; thread-safe. Order is kept, a line is written whole or not at all.
class QueuedOutput {
 public:
  struct Limits {
    std::size_t bytes = 4U << 20;  // of lines that wait; while as much is being written, that much again
    Millis last = std::chrono::seconds(2);  // what an output that stands still has at the end
  };

  /// `to` is called on the writer's thread alone. It may outlive this object, blocked in `to`, if that has
  /// not come back within `last`: then nothing more is written, and the thread ends with the program.
  QueuedOutput(Logger::Sink to, Logger::Format format, Limits limits);
  /// Waits until all is written, but not longer than `last`.
  ~QueuedOutput();
  QueuedOutput(const QueuedOutput&) = delete;
  QueuedOutput& operator=(const QueuedOutput&) = delete;

  /// Never waits for the output.
  void write(Level level, std::string_view line);

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::thread thread_;
};

/// A sink in front of `to`. `format` is that of the line that tells of dropped ones.
Logger::Sink queued(Logger::Sink to, Logger::Format format, QueuedOutput::Limits limits);

/// Standard output as a daemon's log.
Logger::Sink queued_standard_output(Logger::Format format);

}  // namespace pollux::log

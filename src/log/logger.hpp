#pragma once
// SPDX-License-Identifier: Apache-2.0
// Structured logs, one line for each event, on standard output. Every finished line goes through the
// Redactor, so that no secret is written whatever the text came from. Owned by the app; thread-safe.

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/redactor.hpp"
#include "log/event.hpp"

namespace pollux::log {

class Logger {
 public:
  enum class Format { kText, kJson };
  /// Takes a finished line, without its end. Called on the thread that logs.
  using Sink = std::function<void(Level, std::string_view line)>;

  Logger(Level least, Format format, const Redactor& redactor, Sink sink);

  /// Whether a message of this level is written: ask before building one that is costly.
  bool wants(Level level) const { return level >= least_; }
  void write(Event event);

  void debug(std::string name, std::string message, Fields fields = {});
  void info(std::string name, std::string message, Fields fields = {});
  void warning(std::string name, std::string message, Fields fields = {});
  void error(std::string name, std::string message, Fields fields = {});

  const Redactor& redactor() const { return redactor_; }

 private:
  Level least_;
  Format format_;
  const Redactor& redactor_;
  Sink sink_;
  SystemClock clock_;  // a log line tells when it was written, also under --at
};

/// Standard output through spdlog, in colour where it is a terminal; flushed line by line. Waits while nobody
/// reads it; queued_standard_output() does not.
Logger::Sink standard_output();

/// Text on a terminal, JSON lines elsewhere.
Logger::Format automatic_format();

}  // namespace pollux::log

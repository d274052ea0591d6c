// SPDX-License-Identifier: Apache-2.0
#include "log/queued_output.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/counted.hpp"

namespace pollux::log {
namespace {

struct Line {
  Level level = Level::kInfo;
  std::string text;
};

// A handler that runs on the writer's thread would end its write half way (EINTR).
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

// Without stdio: exit() would wait for the lock that a write holds which was given up.
void write_whole(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file, text.data(), text.size());
    if (count > 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {  // somebody else has made the pipe so: it is shared with other processes
      pollfd room{file, POLLOUT, 0};
      ::poll(&room, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

}  // namespace

// The thread's as much as the object's: see the constructor.
struct QueuedOutput::State {
  State(Logger::Sink sink, Logger::Format as, Limits bounds)
      : to(std::move(sink)), format(as), limits(bounds) {}

  void work() {
    std::unique_lock lock(mutex);
    for (;;) {
      something.wait(lock, [this] { return anything() || ending; });
      if (!anything() || abandoned) break;
      std::vector<Line> batch = std::exchange(lines, {});
      const std::uint64_t lost = std::exchange(dropped, 0);
      bytes = 0;
      lock.unlock();
      const bool whole = write(batch);
      if (whole && lost > 0) tell(lost);
      lock.lock();
    }
    ended = true;
    done.notify_all();
  }

  bool anything() const { return !lines.empty() || dropped > 0; }

  bool write(const std::vector<Line>& batch) {
    for (const Line& line : batch) {
      {
        const std::lock_guard lock(mutex);
        if (abandoned) return false;
      }
      to(line.level, line.text);
    }
    return true;
  }

  // Nothing was dropped before the queue was full, and nothing queued after: it stands in its place.
  void tell(std::uint64_t lost) {
    const Event event{Level::kWarning,
                      "log_dropped",
                      counted(lost, "line") + " of this log dropped here: nobody read it for too long",
                      {{"lines", static_cast<std::int64_t>(lost)}}};
    const Time now = SystemClock().now();
    to(event.level, format == Logger::Format::kJson ? as_json(event, now) : as_text(event, now));
  }

  Logger::Sink to;
  const Logger::Format format;
  const Limits limits;
  std::mutex mutex;
  std::condition_variable something;
  std::condition_variable done;
  std::vector<Line> lines;
  std::size_t bytes = 0;      // of `lines`
  std::uint64_t dropped = 0;  // since `lines` were full
  bool ending = false;
  bool abandoned = false;
  bool ended = false;
};

QueuedOutput::QueuedOutput(Logger::Sink to, Logger::Format format, Limits limits)
    : state_(std::make_shared<State>(std::move(to), format, limits)) {
  const SignalsBlocked blocked;
  thread_ = std::thread([state = state_] { state->work(); });
}

QueuedOutput::~QueuedOutput() {
  std::unique_lock lock(state_->mutex);
  state_->ending = true;
  state_->something.notify_one();
  const bool ended = state_->done.wait_for(lock, state_->limits.last, [this] { return state_->ended; });
  state_->abandoned = !ended;
  lock.unlock();
  if (ended) {
    thread_.join();
  } else {
    thread_.detach();  // nothing brings it back from a write that waits
  }
}

void QueuedOutput::write(Level level, std::string_view line) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->anything()) state_->something.notify_one();
  const std::size_t size = line.size() + sizeof(Line);
  if (state_->dropped > 0 || state_->bytes + size > state_->limits.bytes) {
    ++state_->dropped;
    return;
  }
  state_->lines.push_back({level, std::string(line)});
  state_->bytes += size;
}

Logger::Sink queued(Logger::Sink to, Logger::Format format, QueuedOutput::Limits limits) {
  auto output = std::make_shared<QueuedOutput>(std::move(to), format, limits);
  return [output](Level level, std::string_view line) { output->write(level, line); };
}

Logger::Sink queued_standard_output(Logger::Format format) {
  if (isatty(STDOUT_FILENO) != 0) return queued(standard_output(), format, {});
  auto write_line = [](Level, std::string_view line) {
    write_whole(STDOUT_FILENO, std::string(line).append("\n"));
  };
  return queued(write_line, format, {});
}

}  // namespace pollux::log

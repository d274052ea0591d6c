// SPDX-License-Identifier: Apache-2.0
#include "poll/transform/worker.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace pollux::transform {
namespace {

constexpr Millis kStartTimeout = std::chrono::seconds(10);
// More than any program starts with: a hello that claims more is not believed.
constexpr std::uint64_t kLargestBaseline = 4ULL << 30;
#ifdef POLLUX_SANITIZED
constexpr bool kLimitsMemory = false;  // a sanitizer's shadow is terabytes of address space
#else
constexpr bool kLimitsMemory = true;
#endif

std::unexpected<Error> failed(std::string message) { return fail(ErrorKind::kTransform, std::move(message)); }

}  // namespace

Result<std::shared_ptr<Worker>> Worker::start(asio::io_context& io, const std::filesystem::path& executable) {
  auto process = WorkerProcess::start(executable);
  if (!process) return std::unexpected(process.error());
  return std::make_shared<Worker>(io, std::move(*process));
}

Worker::Worker(asio::io_context& io, WorkerProcess process)
    : socket_(io), deadline_(io), reaper_(io), process_(std::move(process)) {
  socket_.assign(asio::local::stream_protocol(), process_.take_socket());
}

bool Worker::alive() {
  if (!dead_ && process_.ended()) {
    dead_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  return !dead_;
}

void Worker::run(std::shared_ptr<Job> job, std::function<void()> freed) {
  job_ = std::move(job);
  freed_ = std::move(freed);
  sent_ = false;
  if (greeted_) {
    send();
  } else {
    arm(kStartTimeout, [this] {
      finish(fail(ErrorKind::kInternal, "a jq worker did not start within 10 s", Retry::later()));
    });
    read_head();
  }
}

void Worker::send() {
  Bytes limit{baseline_.count + job_->memory.count};
  if (kLimitsMemory && limit != limit_) {
    if (!process_.limit_memory(limit)) {
      kill();
      return finish(fail(ErrorKind::kInternal, "the memory of a jq worker cannot be limited"));
    }
    limit_ = limit;
  }
  known_.insert(job_->program);
  arm(job_->timeout,
      [this] { finish(failed("the program ran longer than " + describe_duration(job_->timeout))); });
  auto self = shared_from_this();
  auto job_now = job_;
  // A failed write needs no word here: the read ends too.
  asio::async_write(socket_, asio::buffer(job_now->frame),
                    [self, job_now](boost::system::error_code, std::size_t) {
                      job_now->frame = {};
                      if (self->job_ == job_now) self->sent_ = true;
                    });
  read_head();
}

void Worker::read_head() {
  auto self = shared_from_this();
  asio::async_read(socket_, asio::buffer(head_), [self](boost::system::error_code code, std::size_t) {
    if (!self->job_) return;
    if (code) return self->lost();
    std::size_t size = body_size({self->head_.data(), self->head_.size()});
    if (size == 0 || size > kLargestReply)
      return self->finish(failed("a jq worker talked nonsense and was ended"));
    self->read_body(size);
  });
}

void Worker::read_body(std::size_t size) {
  body_.resize(size);
  auto self = shared_from_this();
  asio::async_read(socket_, asio::buffer(body_), [self](boost::system::error_code code, std::size_t) {
    if (!self->job_) return;
    if (code) return self->lost();
    auto reply = decode_reply(self->body_);
    self->body_ = {};
    if (!reply) return self->finish(failed("a jq worker talked nonsense and was ended"));
    self->take(std::move(*reply));
  });
}

void Worker::take(Reply reply) {
  if (auto* hello = std::get_if<Hello>(&reply)) {
    bool plausible = !kLimitsMemory || hello->baseline <= kLargestBaseline;
    if (greeted_ || !plausible) return finish(failed("a jq worker talked nonsense and was ended"));
    greeted_ = true;
    baseline_ = Bytes{hello->baseline};
    no_seccomp_ = std::move(hello->no_seccomp);
    return send();
  }
  if (!greeted_) return finish(failed("a jq worker talked nonsense and was ended"));
  if (std::holds_alternative<OutOfMemory>(reply)) {
    return finish(failed("the program used more than " + describe_bytes(job_->memory)));
  }
  if (auto* value = std::get_if<Value>(&reply)) compiled_ = value->compiled;
  if (auto* failure = std::get_if<Failure>(&reply)) compiled_ = failure->compiled;
  // The rest of the request would be taken for the beginning of the next.
  if (!sent_) return finish(failed("a jq worker answered before it was asked"));
  finish(std::move(reply));
}

void Worker::arm(Millis timeout, std::function<void()> late) {
  unsigned round = ++round_;
  deadline_.expires_after(timeout);
  deadline_.async_wait(
      [self = shared_from_this(), round, late = std::move(late)](boost::system::error_code code) {
        if (!code && round == self->round_ && self->job_) late();
      });
}

// The one place where a job ends. Only a worker that answered as it should lives on.
void Worker::finish(Result<Reply> outcome) {
  auto job = std::exchange(job_, nullptr);
  auto freed = std::exchange(freed_, nullptr);
  ++round_;
  deadline_.cancel();
  bool answered = outcome && !std::holds_alternative<OutOfMemory>(*outcome);
  if (!answered) kill();
  if (job && job->done) std::exchange(job->done, nullptr)(std::move(outcome));
  if (freed) freed();
}

void Worker::drop() {
  job_ = nullptr;
  freed_ = nullptr;
  deadline_.cancel();
  kill();
}

void Worker::wait() {
  reaper_.cancel();
  process_.wait();
}

void Worker::kill() {
  if (dead_) return;
  dead_ = true;
  process_.kill();
  boost::system::error_code ignored;
  socket_.close(ignored);
  reap(0);
}

// The process closed its socket: it crashed, or was killed. How is known once it is reaped.
void Worker::lost() {
  if (!dead_)
    kill();
  else
    reap(0);
}

void Worker::reap(int attempt) {
  if (auto status = process_.ended()) {
    if (job_) explain_end(*status);
    return;
  }
  // SIGKILL is on its way: a millisecond as a rule, more where much memory is given back.
  reaper_.expires_after(Millis(std::min(1 << std::min(attempt, 6), 50)));
  reaper_.async_wait([self = shared_from_this(), attempt](boost::system::error_code code) {
    if (!code) self->reap(attempt + 1);
  });
}

void Worker::explain_end(int wait_status) {
  bool greeted = greeted_;
  bool overflowed = WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGSEGV;
  std::string reason = describe_end(wait_status);
  if (!greeted) {
    return finish(fail(ErrorKind::kInternal, "a jq worker could not start: it " + reason, Retry::later()));
  }
  finish(failed(fmt::format("the jq worker {} while it ran this program{}", reason,
                            overflowed ? ": is a value nested too deeply?" : "")));
}

}  // namespace pollux::transform

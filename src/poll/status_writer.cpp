// SPDX-License-Identifier: Apache-2.0
#include "poll/status_writer.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "poll/publish/status_object.hpp"

namespace pollux::poll {
namespace {

// Says that a write is under way, and when it is over, however it ended.
class Writing {
 public:
  Writing(bool& flag, asio::steady_timer& over) : flag_(flag), over_(over) { flag_ = true; }
  ~Writing() {
    flag_ = false;
    over_.cancel();
  }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;

 private:
  bool& flag_;
  asio::steady_timer& over_;
};

}  // namespace

StatusWriter::StatusWriter(asio::any_io_executor executor, publish::Store& store, Text text, Failed failed,
                           Millis pause)
    : store_(store),
      text_(std::move(text)),
      failed_(std::move(failed)),
      pause_(pause),
      changed_(executor, asio::steady_timer::time_point::max()),
      written_(executor, asio::steady_timer::time_point::max()) {}

void StatusWriter::touch() {
  dirty_ = true;
  changed_.cancel();
}

Task<> StatusWriter::work() {
  asio::steady_timer pause(co_await asio::this_coro::executor);
  for (;;) {
    boost::system::error_code woken;
    if (!dirty_) co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return;
    co_await flush();
    pause.expires_after(pause_);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

Task<> StatusWriter::flush() {
  while (writing_) {
    boost::system::error_code over;
    co_await written_.async_wait(asio::redirect_error(asio::use_awaitable, over));
  }
  if (!dirty_) co_return;
  dirty_ = false;
  Writing writing(writing_, written_);
  co_await write();
}

Task<> StatusWriter::write() {
  publish::Object object;
  object.path = publish::kStatusPath;
  object.body = text_();
  object.cache_control = "no-cache";
  auto put = co_await store_.put(std::move(object));
  if (put) co_return;
  if (put.error().kind != ErrorKind::kCanceled) failed_(put.error());
}

}  // namespace pollux::poll

// SPDX-License-Identifier: Apache-2.0
#include "poll/status_writer.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "poll/publish/status_object.hpp"

namespace pollux::poll {

StatusWriter::StatusWriter(asio::any_io_executor executor, publish::Store& store, Text text, Failed failed,
                           Millis pause)
    : store_(store),
      text_(std::move(text)),
      failed_(std::move(failed)),
      pause_(pause),
      changed_(executor, asio::steady_timer::time_point::max()) {}

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
  if (!dirty_) co_return;
  dirty_ = false;
  // Who is canceled in here, by an error or by an exception, leaves the rest to the next flush.
  struct Unwritten {
    bool& dirty;
    bool done = false;
    ~Unwritten() { dirty = dirty || !done; }
  } unwritten{dirty_};
  unwritten.done = co_await write();
}

Task<bool> StatusWriter::write() {
  publish::Object object;
  object.path = publish::kStatusPath;
  object.body = text_();
  object.cache_control = "no-cache";
  auto put = co_await store_.put(std::move(object));
  if (put) co_return true;
  if (put.error().kind == ErrorKind::kCanceled) co_return false;
  failed_(put.error());
  co_return true;
}

}  // namespace pollux::poll

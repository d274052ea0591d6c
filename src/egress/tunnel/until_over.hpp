#pragma once
// SPDX-License-Identifier: Apache-2.0
// The life of a relay, whichever way it moves bytes: waits until it is over, ends it when it has been idle
// for too long or is canceled. Private to this folder.

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <memory>

#include "egress/tunnel/relay.hpp"

namespace pollux::egress {

/// Begins it, and waits.
template <class Both>
Task<Relayed> until_over(std::shared_ptr<Both> both) {
  both->begin();
  // One timer for the whole life, set anew only when it fires: traffic costs it nothing.
  while (!both->over()) {
    both->timer().expires_at(both->idle_at());
    boost::system::error_code error;
    bool canceled = false;
    try {
      co_await both->timer().async_wait(asio::redirect_error(asio::use_awaitable, error));
      auto state = co_await asio::this_coro::cancellation_state;
      canceled = state.cancelled() != asio::cancellation_type::none;
    } catch (const boost::system::system_error&) {
      canceled = true;
    }
    if (canceled) {
      both->end(Relayed::End::kReset);
      throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (!both->over() && std::chrono::steady_clock::now() >= both->idle_at()) both->end(Relayed::End::kIdle);
  }
  co_return both->relayed();
}

}  // namespace pollux::egress

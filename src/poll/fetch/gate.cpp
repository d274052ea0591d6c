// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "base/units.hpp"
#include "log/logger.hpp"
#include "state/journal.hpp"

namespace pollux::fetch {
namespace {

// Whoever is next looks at the clock at least so often: it may have been set.
constexpr Millis kLookAgain = std::chrono::milliseconds(500);

// A wait by the wall clock for a timer; long ones are cut, and begun again.
Millis bounded(Millis wait) { return std::clamp<Millis>(wait, Millis(1), std::chrono::hours(24)); }

}  // namespace

struct Gate::Waiter {
  Waiter(const asio::any_io_executor& executor, Patience p, Order o, Time t)
      : timer(executor), patience(p), order(o), trouble_until(t) {}
  asio::steady_timer timer;
  Patience patience;
  Order order;
  Time trouble_until;     // no wait for an upstream in trouble goes beyond it
  bool watching = false;  // as the next one: its timer is set by what the gate waits for
  std::optional<Result<Pass>> outcome;
};

std::string limits_key(const std::string& upstream) { return "limits/" + upstream; }

void Gate::Pass::end(Fate fate) {
  if (Gate* gate = std::exchange(gate_, nullptr)) gate->leave(ticket_, era_, fate);
}

Gate::Gate(const config::Upstream& upstream, const SessionParts& parts)
    : upstream_(upstream),
      parts_(parts),
      limits_(upstream.limits, upstream.timeouts.total),
      breaker_(upstream.breaker),
      free_places_(upstream.concurrency) {}

Result<void> Gate::restore(std::string_view saved) {
  auto done = limits_.restore(saved, parts_.clock.now());
  if (!done) done.error().where = "upstream " + upstream_.name;
  return done;
}

Gate::Answer Gate::look(Time now) {
  Answer answer{breaker_.look(now), true};
  if (!answer.verdict.wait_until) answer = {limits_.look(now), false};
  if (answer.verdict.wait_until)
    answer.verdict.why =
        fmt::format("{}{} {}", upstream_.name, answer.trouble ? " is" : ":", answer.verdict.why);
  return answer;
}

Time Gate::trouble_until(const Patience& patience, Time now) const {
  if (!patience.for_trouble) return now;
  const Time longest = now + upstream_.breaker.pause_to + upstream_.timeouts.total;
  return patience.until ? std::min(longest, *patience.until) : longest;
}

Result<void> Gate::may_enter(Patience patience) {
  const Time now = parts_.clock.now();
  const Answer answer = look(now);
  if (!answer.verdict.wait_until || !is_hopeless(patience, trouble_until(patience, now), answer, now))
    return {};
  return refusal(patience, answer.verdict.why);
}

Task<Result<Gate::Pass>> Gate::enter(Patience patience) {
  if (auto may = may_enter(patience); !may) co_return std::unexpected(std::move(may.error()));
  const Order order{patience.until.value_or(Time::max()), came_++};
  auto waiter = std::make_shared<Waiter>(co_await asio::this_coro::executor, patience, order,
                                         trouble_until(patience, parts_.clock.now()));
  waiting_.emplace(order, waiter);
  pump();
  while (!waiter->outcome) {
    if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) {
      waiting_.erase(order);
      pump();
      throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (!waiter->watching) {
      if (patience.until) {
        waiter->timer.expires_after(bounded(*patience.until - parts_.clock.now()));
      } else {
        waiter->timer.expires_at(asio::steady_timer::time_point::max());
      }
    }
    boost::system::error_code error;
    co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (waiter->outcome) break;
    waiter->watching = false;
    if (patience.until && parts_.clock.now() >= *patience.until) {
      const Answer last = look(parts_.clock.now());
      refuse(*waiter, last.verdict.wait_until ? last.verdict.why
                                              : fmt::format("others are before it at {}", upstream_.name));
      waiting_.erase(order);
    }
    pump();
  }
  co_return std::move(*waiter->outcome);
}

bool Gate::is_hopeless(const Patience& patience, Time trouble_until, const Answer& answer, Time now) {
  const Time again = *answer.verdict.wait_until;
  const bool past_slot = patience.until && again >= *patience.until;
  return past_slot || (answer.trouble && again > std::max(trouble_until, now));
}

std::unexpected<Error> Gate::refusal(const Patience& patience, std::string_view why) {
  std::string message = fmt::format("not sent: {}", why);
  if (patience.until) message += fmt::format("; the next slot is at {}", format_time(*patience.until));
  return fail(ErrorKind::kLimited, std::move(message));
}

bool Gate::refuse_if_hopeless(Waiter& waiter, const Answer& answer, Time now) {
  const bool hopeless = is_hopeless(waiter.patience, waiter.trouble_until, answer, now);
  if (hopeless) refuse(waiter, answer.verdict.why);
  return hopeless;
}

void Gate::refuse(Waiter& waiter, std::string_view why) {
  waiter.outcome.emplace(refusal(waiter.patience, why));
  waiter.timer.cancel();
}

void Gate::grant(Waiter& waiter, Time now) {
  --free_places_;
  const Limits::Ticket ticket = limits_.begin(now);
  waiter.outcome.emplace(Pass(*this, ticket, breaker_.begin(now), now));
  waiter.timer.cancel();
}

// Lets go in who may, in their order, and tells the first of the others when to look again.
void Gate::pump() {
  while (!waiting_.empty() && free_places_ > 0) {
    const Time now = parts_.clock.now();
    const Answer answer = look(now);
    auto first = waiting_.begin();
    Waiter& waiter = *first->second;
    if (!answer.verdict.wait_until) {
      auto kept = first->second;
      waiting_.erase(first);
      grant(*kept, now);
    } else if (refuse_if_hopeless(waiter, answer, now)) {
      waiting_.erase(first);  // after which the next one, whose slot comes later
    } else {
      if (!waiter.watching) {
        waiter.watching = true;
        waiter.timer.expires_after(std::min(kLookAgain, bounded(*answer.verdict.wait_until - now)));
      }
      return;
    }
  }
}

// The pause has grown: those whose patience ends before it need not wait for its end.
void Gate::after_failure(Time now) {
  const Answer answer = look(now);
  if (!answer.trouble || !answer.verdict.wait_until) return;
  std::erase_if(waiting_, [&](const auto& entry) { return refuse_if_hopeless(*entry.second, answer, now); });
}

void Gate::leave(Limits::Ticket ticket, Breaker::Era era, Fate fate) {
  const Time now = parts_.clock.now();
  ++free_places_;
  using Ending = Limits::Ending;
  const bool answered = fate == Fate::kWell || fate == Fate::kTrouble;
  limits_.end(ticket, now,
              fate == Fate::kUnsent ? Ending::kUnsent
              : answered            ? Ending::kAnswered
                                    : Ending::kUnknown);
  const auto since = breaker_.trouble_since();
  if (fate == Fate::kWell) {
    breaker_.succeeded(era);
    if (since && !breaker_.open() && parts_.logger != nullptr)
      parts_.logger->info("upstream", fmt::format("{} answers again, after {} of trouble", upstream_.name,
                                                  describe_duration(now - *since)));
  } else if (fate == Fate::kTrouble || fate == Fate::kNothing) {
    breaker_.failed(era, now, parts_.chance());
    if (!since && breaker_.open() && parts_.logger != nullptr)
      parts_.logger->warning(
          "upstream", fmt::format("{} is in trouble: {} failures in a row; asked again at {}", upstream_.name,
                                  upstream_.breaker.failures, format_time(breaker_.asked_again_at())));
    after_failure(now);
  } else {
    breaker_.abandoned(era);
  }
  pump();
}

Task<Result<void>> Gate::remember() {
  if (!has_limits()) co_return Result<void>{};
  auto done = co_await commit();
  if (!done) {
    done.error().message =
        fmt::format("not sent: what is used of the limits of {} could not be remembered: {}", upstream_.name,
                    done.error().message);
  }
  co_return done;
}

Task<> Gate::hold(Time until, std::string why) {
  limits_.hold(until, std::move(why));
  if (parts_.logger != nullptr)
    parts_.logger->info("upstream",
                        fmt::format("{} is left alone until {}", upstream_.name, format_time(until)));
  auto done = co_await commit();
  if (!done && parts_.logger != nullptr)
    parts_.logger->warning(
        "state", fmt::format("{}: that it asked to be left alone could not be remembered: {}", upstream_.name,
                             done.error().text()));
  pump();
}

Task<Result<void>> Gate::commit() {
  if (parts_.journal == nullptr) co_return Result<void>{};
  state::Batch batch;
  batch.writes.push_back({limits_key(upstream_.name), limits_.save(), std::nullopt});
  co_return co_await parts_.journal->commit(std::move(batch));
}

}  // namespace pollux::fetch

// SPDX-License-Identifier: Apache-2.0
#include "plan/modelled_upstream.hpp"

#include <algorithm>

#include "poll/fetch/pace/retry.hpp"

namespace pollux::plan {

using fetch::Limits;
using Per = config::Limit::Per;

ModelledUpstream::ModelledUpstream(const config::Upstream& upstream, Agenda& agenda, Dice& dice,
                                   const SimulationOptions& options)
    : upstream_(upstream),
      agenda_(agenda),
      dice_(dice),
      options_(options),
      tokens_(tokens_of(upstream, options.assumed)),
      limits_(upstream.limits, upstream.timeouts.total),
      breaker_(upstream.breaker),
      counts_(upstream.limits.begin(), upstream.limits.end()) {
  report_.name = upstream.name;
  for (Per per : {Per::kDay, Per::kHour, Per::kMinute})
    counts_.emplace_back(config::Limit{0, per, false, "UTC"});
}

void ModelledUpstream::send(bool repeatable, std::optional<Time> until, Done done) {
  auto send = std::make_shared<Send>();
  send->repeatable = repeatable;
  send->until = until;
  send->done = std::move(done);
  authorize(send);
}

// Everybody who comes while a token is asked for shares what comes of that, but for a failure that is only
// the asker's own; nobody waits for it beyond the own slot.
void ModelledUpstream::authorize(const SendPtr& send) {
  if (send->for_token || tokens_.kept == 0 || has_token()) return enter(send);
  set_patience(*send);
  if (hopeless(*send, look())) return refuse(send);
  if (!asking_for_token_) return ask_for_token(send);
  without_token_.push_back(send);
  if (!send->until) return;
  agenda_.at(*send->until, [this, send] {
    if (std::erase(without_token_, send) > 0) refuse(send);
  });
}

void ModelledUpstream::ask_for_token(const SendPtr& send) {
  asking_for_token_ = true;
  auto asking = std::make_shared<Send>();
  asking->for_token = true;
  asking->until = send->until;
  asking->done = [this, send, asked_at = agenda_.now()](const std::optional<Error>& error) {
    asking_for_token_ = false;
    const bool limited = error && error->kind == ErrorKind::kLimited;
    const bool passes = limited || (error && error->retry.when != Retry::When::kNever);
    const bool goes_on = passes && token_ != 0 && agenda_.now() < ends_at_;
    if (!error) {
      token_ = next_token_++;
      renew_at_ = asked_at + tokens_.renewed_after;
      ends_at_ = asked_at + options_.assumed.token_life;
    } else if (goes_on) {
      renew_at_ = std::min<Time>(ends_at_, agenda_.now() + fetch::kRenewAgainAfter);
    }
    const bool failed = error && !goes_on;
    failed ? give_up(send, *error) : enter(send);
    for (const SendPtr& waiting : std::exchange(without_token_, {})) {
      if (!failed) {
        enter(waiting);
      } else if (limited || error->cut_short) {
        authorize(waiting);
      } else {
        give_up(waiting, *error);
      }
    }
  };
  enter(asking);
}

// Who has failed already does not wait for an upstream in trouble.
void ModelledUpstream::set_patience(Send& send) const {
  const Time now = agenda_.now();
  const Millis longest = upstream_.breaker.pause_to + upstream_.timeouts.total;
  send.patience = send.last ? now : now + longest;
  if (send.until) send.patience = std::min(send.patience, *send.until);
}

void ModelledUpstream::enter(const SendPtr& send) {
  send->queued = agenda_.now();
  set_patience(*send);
  if (hopeless(*send, look())) return refuse(send);
  const Order order{send->until.value_or(Time::max()), came_++};
  queue_.emplace(order, send);
  pump();
  if (!send->until || !queue_.contains(order)) return;
  agenda_.at(*send->until, [this, order] {
    auto waiting = queue_.extract(order);
    if (waiting) refuse(waiting.mapped());
  });
}

ModelledUpstream::Wait ModelledUpstream::look() {
  const auto pause = breaker_.look(agenda_.now()).wait_until;
  if (pause) return {pause, true};
  return {limits_.look(agenda_.now()).wait_until, false};
}

bool ModelledUpstream::hopeless(const Send& send, const Wait& wait) const {
  if (!wait.until) return false;
  if (send.until && *wait.until >= *send.until) return true;
  return wait.trouble && *wait.until > std::max(send.patience, agenda_.now());
}

void ModelledUpstream::refuse(const SendPtr& send) {
  ++report_.refused;
  give_up(send, Error{ErrorKind::kLimited, "", Retry::never(), {}});
}

// Who has been answered badly ends with that: it says more than that there was no room to ask again.
void ModelledUpstream::give_up(const SendPtr& send, Error why) {
  if (!send->last) return finish(send, std::move(why));
  Error last = *send->last;
  last.cut_short = why.kind == ErrorKind::kLimited && !breaker_.open();
  finish(send, std::move(last));
}

void ModelledUpstream::pump() {
  while (!queue_.empty() && in_flight_ < upstream_.concurrency) {
    const auto first = queue_.begin();
    const SendPtr next = first->second;
    const Wait wait = look();
    if (wait.until && !hopeless(*next, wait)) return wake_at(*wait.until);
    queue_.erase(first);
    if (wait.until) {
      refuse(next);
    } else {
      begin(next);
    }
  }
}

void ModelledUpstream::wake_at(Time time) {
  if (wake_at_ && *wake_at_ <= time) return;
  wake_at_ = time;
  agenda_.at(time, [this, time] {
    if (wake_at_ == time) wake_at_.reset();
    pump();
  });
}

void ModelledUpstream::begin(const SendPtr& send) {
  const Time now = agenda_.now();
  if (tokens_.kept > 0 && !send->for_token && !has_token()) {
    return ++send->turns < fetch::kTurns ? authorize(send) : refuse(send);
  }
  send->turns = 0;
  send->token = token_;
  report_.longest_wait = std::max(report_.longest_wait, Millis(now - send->queued));
  ++report_.requests;
  if (send->for_token) ++report_.tokens;
  if (send->failed > 0) ++report_.retries;
  ++in_flight_;
  const Limits::Ticket ticket = limits_.begin(now);
  const fetch::Breaker::Era era = breaker_.begin(now);
  const Fate fate = options_.spite ? spite(*send) : rolled_fate(dice_, options_, upstream_);
  note_arrival(now, fate);
  agenda_.at(now + fate.takes, [this, send, fate, ticket, era] { end(send, fate, ticket, era); });
}

Fate ModelledUpstream::spite(const Send& send) {
  Fate fate = answered_fate(dice_, options_);
  if (!send.for_token && send.renewed < tokens_.resends && tokens_.kept > 0) {
    fate.error = Error{ErrorKind::kUnauthorized, "", Retry::never(), {}};
  } else if (send.repeatable && send.failed + 1 < upstream_.retry.attempts) {
    fate.error = Error{ErrorKind::kStatus, "", Retry::later(), {}};
    fate.trouble = true;
  }
  return fate;
}

// Somewhere between its beginning and its end, often at one of the two; after it if nobody knows.
void ModelledUpstream::note_arrival(Time sent, const Fate& fate) {
  if (fate.ending == Limits::Ending::kUnsent) return;
  const Millis longest = fate.takes + (fate.ending == Limits::Ending::kUnknown ? fetch::kLate : Millis(0));
  const double part = std::clamp(dice_.between(-0.5, 1.5), 0.0, 1.0);
  const Time counted = sent + Millis(static_cast<std::int64_t>(static_cast<double>(longest.count()) * part));
  if (options_.seen) options_.seen(upstream_.name, sent, counted);
  agenda_.at(counted, [this] {
    for (WindowCount& count : counts_) count.add(agenda_.now());
  });
}

void ModelledUpstream::end(const SendPtr& send, const Fate& fate, Limits::Ticket ticket,
                           fetch::Breaker::Era era) {
  const Time now = agenda_.now();
  --in_flight_;
  limits_.end(ticket, now, fate.ending);
  if (fate.trouble) {
    breaker_.failed(era, now, dice_());
    const Wait wait = look();
    // The pause has grown: those whose patience ends before it need not wait for its end.
    for (auto at = queue_.begin(); wait.trouble && at != queue_.end();) {
      if (hopeless(*at->second, wait)) {
        refuse(at->second);
        at = queue_.erase(at);
      } else {
        ++at;
      }
    }
  } else {
    breaker_.succeeded(era);
  }
  heed(fate);
  judge(send, fate);
  pump();
}

// A 429 holds all requests back, for as long as it asks to or for a backoff.
void ModelledUpstream::heed(const Fate& fate) {
  const bool told = fate.error && fate.error->kind == ErrorKind::kRateLimited;
  refusals_ = told ? refusals_ + 1 : 0;
  if (!told) return;
  Millis pause = fate.error->retry.delay;
  if (pause == Millis(0)) pause = fetch::backoff_after(upstream_.retry, refusals_, dice_());
  limits_.hold(agenda_.now() + pause, "");
}

void ModelledUpstream::judge(const SendPtr& send, const Fate& fate) {
  if (!fate.error) return finish(send, std::nullopt);
  send->last = fate.error;
  const bool refused = fate.error->kind == ErrorKind::kUnauthorized && tokens_.kept > 0 && !send->for_token;
  if (refused && send->renewed < tokens_.resends) {
    ++send->renewed;
    if (send->token == token_) token_ = 0;
    return authorize(send);
  }
  ++send->failed;
  const auto room = send->until ? std::optional(*send->until - agenda_.now()) : std::nullopt;
  const auto wait = send->repeatable
                        ? fetch::wait_before_retry(upstream_.retry, send->failed, *fate.error, dice_(), room)
                        : std::nullopt;
  if (!wait) {
    Error error = *fate.error;
    error.cut_short =
        send->repeatable && fetch::wait_before_retry(upstream_.retry, send->failed, error, 0, Millis::max());
    return finish(send, std::move(error));
  }
  agenda_.at(agenda_.now() + *wait, [this, send] { authorize(send); });
}

// Later in the same moment: whoever is told may send again at once.
void ModelledUpstream::finish(const SendPtr& send, std::optional<Error> error) {
  agenda_.at(agenda_.now(), [send, failure = std::move(error)] { send->done(failure); });
}

SimulatedUpstream ModelledUpstream::report() const {
  SimulatedUpstream out = report_;
  const std::size_t limits = upstream_.limits.size();
  for (std::size_t i = 0; i < limits; ++i) out.limits.push_back({counts_[i].limit(), counts_[i].most()});
  out.most_a_day = counts_[limits].most();
  out.most_an_hour = counts_[limits + 1].most();
  out.most_a_minute = counts_[limits + 2].most();
  return out;
}

}  // namespace pollux::plan

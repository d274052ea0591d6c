// SPDX-License-Identifier: Apache-2.0
// Random limits, latencies, failures, crashes and restarts, against an API that counts each request when it
// comes in and keeps every moment for ever.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

#include "base/units.hpp"
#include "calendar/local_span.hpp"
#include "poll/fetch/pace/limits.hpp"

namespace pollux::fetch {
namespace {

using config::Limit;
using Per = Limit::Per;

// The obvious counter: all arrivals, looked through anew for each question.
class Api {
 public:
  explicit Api(std::vector<Limit> limits) : limits_(std::move(limits)) {}

  void arrive(Time at) { arrivals_.push_back(at); }

  // How many more came into some window than it may hold.
  std::string violation() {
    std::ranges::sort(arrivals_);
    for (const Limit& limit : limits_) {
      for (std::size_t i = 0; i < arrivals_.size(); ++i) {
        const Time end = limit.sliding ? arrivals_[i] + sliding_length(limit.per) + Millis(1)
                                       : end_of(limit, arrivals_[i]);
        auto beyond = std::ranges::lower_bound(arrivals_, end);
        auto in_window = static_cast<std::uint64_t>(beyond - arrivals_.begin()) - i;
        if (in_window > limit.requests)
          return limit_text(limit) + ": " + std::to_string(in_window) + " from " + format_time(arrivals_[i]);
      }
    }
    return "";
  }

  std::size_t arrivals() const { return arrivals_.size(); }

 private:
  static Time end_of(const Limit& limit, Time time) {
    if (limit.per == Per::kDay) return calendar::local_day(time, limit.zone).end;
    if (limit.per == Per::kMonth) return calendar::local_month(time, limit.zone).end;
    const Millis length = sliding_length(limit.per);
    return time - time.time_since_epoch() % length + length;
  }

  std::vector<Limit> limits_;
  std::vector<Time> arrivals_;
};

struct InFlight {
  Limits::Ticket ticket;
  Time arrives, ends;
  bool arrived = false;
  Limits::Ending ending = Limits::Ending::kAnswered;
};

class World {
 public:
  explicit World(unsigned seed)
      : random_(seed), limits_list_(some_limits()), api_(limits_list_), limits_(limits_list_, kLongest) {
    for (const Limit& limit : limits_list_) step_ = std::max(step_, sliding_length(limit.per) / 200);
    tightest_ = *std::ranges::min_element(limits_list_, {}, &Limit::per);
    step_ = std::max<Millis>(Millis(1), std::min(step_, sliding_length(tightest_.per) / 3));
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      now_ += upto(step_ * 2);
      settle();
      if (chance(0.01)) crash();
      for (int n = 0; n < 50 && in_flight_.size() < 8 && !limits_.look(now_).wait_until; ++n) send();
      auto verdict = limits_.look(now_);
      if (verdict.wait_until) {
        EXPECT_GT(*verdict.wait_until, now_);
      }
    }
  }
  std::string violation() { return api_.violation(); }
  std::size_t arrivals() const { return api_.arrivals(); }
  Time now() const { return now_; }
  const std::vector<Limit>& limits() const { return limits_list_; }

 private:
  static constexpr Millis kLongest = std::chrono::seconds(30);

  bool chance(double p) { return std::bernoulli_distribution(p)(random_); }
  Millis upto(Millis most) {
    return Millis(
        std::uniform_int_distribution<std::int64_t>(0, std::max<std::int64_t>(most.count(), 1))(random_));
  }

  std::vector<Limit> some_limits() {
    constexpr const char* kZones[] = {"UTC", "America/Los_Angeles", "Asia/Kathmandu", "America/Havana"};
    std::vector<Limit> out;
    const auto many = 1 + upto(Millis(2)).count();
    for (int i = 0; i < many; ++i) {
      Limit limit;
      limit.per = static_cast<Per>(upto(Millis(4)).count());
      limit.requests = static_cast<std::uint64_t>(1 + upto(Millis(chance(0.3) ? 300 : 12)).count());
      limit.sliding = chance(0.5);
      if (!limit.sliding && limit.per >= Per::kDay) limit.zone = kZones[upto(Millis(3)).count()];
      out.push_back(limit);
    }
    return out;
  }

  void send() {
    const auto ticket = limits_.begin(now_);
    saved_ = limits_.save();  // before it leaves, as the gate does
    InFlight one{
        ticket, {}, now_ + upto(chance(0.1) ? kLongest : Millis(800)), false, Limits::Ending::kAnswered};
    one.arrives = now_ + upto(one.ends - now_);
    if (chance(0.1)) {  // given up: it comes in late, or never
      one.ending = Limits::Ending::kUnknown;
      one.arrives = one.ends + upto(kLate);
    }
    in_flight_.push_back(one);
  }

  // What arrives, and what ends, until now, in its order.
  void settle() {
    std::ranges::sort(in_flight_, {}, &InFlight::ends);
    std::deque<InFlight> left;
    for (InFlight& one : in_flight_) {
      if (one.ends > now_) {
        left.push_back(one);
        continue;
      }
      api_.arrive(one.arrives);
      limits_.end(one.ticket, one.ends, one.ending);
    }
    in_flight_ = std::move(left);
  }

  // kill -9: what was in flight has arrived by now, or comes in a little later.
  void crash() {
    const Time died = now_;
    now_ += upto(chance(0.5) ? Millis(50) : step_ * 20);
    for (const InFlight& one : in_flight_)
      api_.arrive(std::min(one.arrives, died + upto(std::min(now_ - died, kLate))));
    in_flight_.clear();
    limits_ = Limits(limits_list_, kLongest);
    if (!saved_.empty()) {
      ASSERT_TRUE(limits_.restore(saved_, now_));
    }
  }

  std::mt19937 random_;
  std::vector<Limit> limits_list_;
  Api api_;
  Limits limits_;
  Limit tightest_;
  Time now_ = *parse_time("2026-02-27T21:00:00Z");
  Millis step_{1};
  std::string saved_;
  std::deque<InFlight> in_flight_;
};

TEST(LimitsAgainstAnApi, never_exceed_any_window_over_latencies_failures_and_crashes) {
  std::size_t arrivals = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    World world(seed);
    world.run(2000);
    std::string all;
    for (const Limit& limit : world.limits()) all += limit_text(limit) + "; ";
    ASSERT_EQ(world.violation(), "") << "seed " << seed << ": " << all;
    ASSERT_GT(world.arrivals(), 0U) << "seed " << seed << ": " << all;
    arrivals += world.arrivals();
  }
  EXPECT_GT(arrivals, 20'000U) << "a poller that sends nothing proves nothing";
}

TEST(LimitsAgainstAnApi, use_what_they_may_where_answers_are_quick) {
  for (bool sliding : {false, true}) {
    const Limit limit{300, Per::kMinute, sliding};
    Api api({limit});
    Limits limits({limit});
    Time now = *parse_time("2026-01-02T10:00:00Z");
    const Time end = now + std::chrono::minutes(10);
    for (; now < end; now += Millis(20)) {
      for (; !limits.look(now).wait_until;) {
        auto ticket = limits.begin(now);
        api.arrive(now);
        limits.end(ticket, now + Millis(5));
      }
    }
    EXPECT_EQ(api.violation(), "");
    EXPECT_GE(api.arrivals(), sliding ? 2800U : 3000U) << limit_text(limit);
  }
}

}  // namespace
}  // namespace pollux::fetch

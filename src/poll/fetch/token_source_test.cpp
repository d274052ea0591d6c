// SPDX-License-Identifier: Apache-2.0
// One asks for a token while others wait: what becomes of those.
#include "poll/fetch/token_source.hpp"

#include <gmock/gmock.h>

#include "poll/fetch/gated_session_test.hpp"

namespace pollux::fetch {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;

/// Gives what it is told to, one after the other, each after a while.
struct Tokens {
  explicit Tokens(std::vector<Result<TokenAnswer>> given)
      : answers(std::move(given)), source(clock, [this](Manner manner) { return ask(manner); }) {}

  Task<Result<TokenAnswer>> ask(Manner) {
    asio::steady_timer timer(io, takes);
    co_await timer.async_wait(asio::use_awaitable);
    co_return answers.at(asked++);
  }
  void want(std::string who, Millis room) {
    auto task = [](Tokens& t, std::string name, Manner manner) -> Task<> {
      auto token = co_await t.source.token(manner);
      t.got.push_back(name + ": " + (token ? token->reveal() : token.error().message));
    };
    asio::co_spawn(io, task(*this, std::move(who), Manner{true, clock.now() + room}), asio::detached);
  }
  void run() {
    io.restart();
    io.run_for(seconds(10));
  }

  asio::io_context io;
  AgingClock clock;
  Millis takes{20};
  std::vector<Result<TokenAnswer>> answers;
  std::size_t asked = 0;
  std::vector<std::string> got;
  TokenSource source;
};

TokenAnswer token(std::string text) { return {Secret(std::move(text)), seconds(3600)}; }

TEST(TokenSource, shares_a_failure_with_those_that_waited) {
  Tokens t({fail(ErrorKind::kStatus, "503", Retry::later())});
  t.want("one", minutes(1));
  t.want("two", minutes(2));
  t.run();
  EXPECT_THAT(t.got, ElementsAre("one: 503", "two: 503"));
  EXPECT_EQ(t.asked, 1U);
}

TEST(TokenSource, does_not_share_that_there_was_no_room_for_one) {
  Error cut{ErrorKind::kStatus, "503", Retry::later(), {}, true};
  Tokens t({fail(ErrorKind::kLimited, "no room"), std::unexpected(cut), token("good")});
  t.want("ten seconds", seconds(10));
  t.want("a minute", minutes(1));
  t.want("a day", std::chrono::hours(24));
  t.run();
  EXPECT_THAT(t.got, ElementsAre("ten seconds: no room", "a minute: 503", "a day: good"));
}

TEST(TokenSource, lets_nobody_wait_for_another_beyond_the_own_slot) {
  Tokens t({token("good")});
  t.takes = Millis(500);
  t.want("a day", std::chrono::hours(24));
  t.want("soon", Millis(50));
  t.want("a minute", minutes(1));
  t.run();
  ASSERT_EQ(t.got.size(), 3U);
  EXPECT_THAT(t.got[0], HasSubstr("soon: not sent: no token: another run is still asking for it"));
  EXPECT_THAT(t.got[0], HasSubstr("the next slot is at 2"));
  EXPECT_EQ(t.got[1], "a day: good");
  EXPECT_EQ(t.got[2], "a minute: good");
}

TEST(TokenSource, keeps_the_old_token_in_use_while_another_is_asked_for) {
  Tokens t({token("old"), token("new")});
  t.want("first", minutes(1));
  t.run();
  t.clock.aged = seconds(3570);
  t.takes = Millis(500);
  t.want("a day", std::chrono::hours(24));
  t.want("soon", Millis(50));
  t.io.restart();
  t.io.poll();
  EXPECT_THAT(t.got, ElementsAre("first: old", "soon: old")) << "at once, not when its slot has come";
  EXPECT_TRUE(t.source.fresh()) << "and it is taken for good when its request's turn comes";
  t.run();
  EXPECT_EQ(t.got.back(), "a day: new");
}

TEST(TokenSource, asks_for_another_when_what_was_asked_for_is_refused_though_the_old_one_lives) {
  Tokens t({token("old"), fail(ErrorKind::kUnauthorized, "401"), token("new")});
  t.want("first", minutes(1));
  t.run();
  t.clock.aged = seconds(3570);
  t.want("second", minutes(1));
  t.run();
  EXPECT_FALSE(t.source.fresh());
  t.want("third", minutes(1));
  t.run();
  EXPECT_THAT(t.got, ElementsAre("first: old", "second: 401", "third: new"));
}

TEST(TokenSource, keeps_the_old_token_in_use_when_a_limit_leaves_no_room_for_its_renewal) {
  Tokens t({token("old"), fail(ErrorKind::kLimited, "no room"), token("new")});
  t.want("first", minutes(1));
  t.run();
  t.clock.aged = seconds(3570);
  t.want("second", minutes(1));
  t.run();
  t.clock.aged = seconds(3590);
  t.want("third", minutes(1));
  t.run();
  EXPECT_THAT(t.got, ElementsAre("first: old", "second: old", "third: new"));
}

}  // namespace
}  // namespace pollux::fetch

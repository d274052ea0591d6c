// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/credentials_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace pollux::publish {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;

class AgingClock final : public Clock {
 public:
  Time now() const override { return Time(age); }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(age);
  }
  Millis age{std::chrono::hours(1)};
};

GivenKeys given(std::string id, std::optional<Millis> lifetime = minutes(60)) {
  std::string secret = "secret-of-" + id;
  return {{std::move(id), Secret(std::move(secret)), std::nullopt}, lifetime};
}

/// Gives what it is told to, one after the other, each after a trip through the loop.
struct Source {
  explicit Source(std::vector<Result<GivenKeys>> all) : answers(std::move(all)) {}

  Task<Result<GivenKeys>> ask() {
    ++asked;
    if (asked > answers.size()) throw std::logic_error("asked once too often");
    co_await asio::post(asio::use_awaitable);
    co_return answers[asked - 1];
  }
  void want() {
    auto task = [](Source& s) -> Task<> {
      auto keys = co_await s.source.keys();
      s.got.push_back(keys ? (*keys)->access_key_id : keys.error().message);
      if (keys) s.last = *keys;
    };
    asio::co_spawn(io, task(*this), asio::detached);
  }
  std::vector<std::string> run(int times = 1) {
    got.clear();
    for (int i = 0; i < times; ++i) want();
    io.restart();
    io.run_for(std::chrono::seconds(10));
    return got;
  }

  asio::io_context io;
  AgingClock clock;
  Redactor redactor;
  std::vector<std::string> lines;
  log::Logger logger{log::Level::kInfo, log::Logger::Format::kText, redactor,
                     [this](log::Level, std::string_view line) { lines.emplace_back(line); }};
  std::vector<Result<GivenKeys>> answers;
  std::size_t asked = 0;
  std::vector<std::string> got;
  Keys last;
  RenewingCredentials source{clock, {&redactor, &logger}, "s3 bucket pub", [this] { return ask(); }};
};

TEST(RenewingCredentials, are_asked_for_once_however_many_want_them) {
  Source s({given("one")});
  EXPECT_THAT(s.run(3), ElementsAre("one", "one", "one"));
  EXPECT_EQ(s.asked, 1U);
  EXPECT_EQ(s.redactor.redact("secret-of-one"), "***");
}

TEST(RenewingCredentials, are_renewed_before_they_end) {
  Source s({given("one"), given("two")});
  s.run();
  s.clock.age += minutes(54);
  EXPECT_THAT(s.run(), ElementsAre("one"));
  s.clock.age += minutes(2);
  EXPECT_THAT(s.run(), ElementsAre("two"));
}

TEST(RenewingCredentials, in_hand_are_used_while_others_are_asked_for) {
  Source s({given("one"), given("two")});
  s.run();
  s.clock.age += minutes(56);
  EXPECT_THAT(s.run(2), ElementsAre("one", "two")) << "only who asks waits";
}

TEST(RenewingCredentials, in_hand_are_used_to_their_end_where_no_others_are_had) {
  Source s({given("one"), fail(ErrorKind::kNetwork, "down", Retry::later()),
            fail(ErrorKind::kNetwork, "still down", Retry::later()), given("two")});
  s.run();
  s.clock.age += minutes(57);
  EXPECT_THAT(s.run(2), ElementsAre("one", "one"));
  EXPECT_THAT(s.lines, ElementsAre(HasSubstr("s3 bucket pub: down; the old ones are good for 3 min")));
  EXPECT_THAT(s.run(), ElementsAre("one"));
  EXPECT_EQ(s.asked, 2U) << "not again at once";
  s.clock.age += minutes(3);
  EXPECT_THAT(s.run(2), ElementsAre("still down", "still down")) << "one failure for all that waited";
  EXPECT_EQ(s.asked, 3U);
  EXPECT_THAT(s.run(), ElementsAre("two"));
}

TEST(RenewingCredentials, are_asked_for_anew_where_the_server_refuses_those_in_hand_and_not_later_ones) {
  Source s({given("one", std::nullopt), given("two")});
  s.run();
  s.clock.age += std::chrono::hours(1000);
  EXPECT_THAT(s.run(), ElementsAre("one")) << "nobody said that they end";
  Keys first = s.last;
  EXPECT_TRUE(s.source.refused(first));
  EXPECT_THAT(s.run(), ElementsAre("two"));
  EXPECT_TRUE(s.source.refused(first));
  EXPECT_THAT(s.run(), ElementsAre("two")) << "that was said of the ones before";
}

}  // namespace
}  // namespace pollux::publish

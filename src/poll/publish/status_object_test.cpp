// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/status_object.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/units.hpp"

namespace pollux::publish {
namespace {

namespace json = boost::json;
using std::chrono::minutes;

Time at(const char* text) { return parse_time(text).value(); }

json::object poll_of(const std::string& text, const char* name) {
  return json::parse(text).at("polls").at(name).as_object();
}

TEST(StatusObject, tells_each_poll_in_a_fixed_order) {
  auto now = at("2026-01-02T03:04:05Z");
  PollStatus kept{"wait-times",     PollState::kKept, now - minutes(12),    now,
                  now + minutes(1), minutes(10),      ErrorKind::kMalformed};
  PollStatus fresh{"alerts", PollState::kPublished, now, now, std::nullopt, std::nullopt, std::nullopt};
  EXPECT_EQ(status_object(now, {kept, fresh}), R"({
  "generated_at": "2026-01-02T03:04:05Z",
  "polls": {
    "alerts": {
      "state": "published",
      "updated_at": "2026-01-02T03:04:05Z",
      "checked_at": "2026-01-02T03:04:05Z",
      "next_at": null,
      "stale_after": null,
      "stale": false,
      "reason": null
    },
    "wait-times": {
      "state": "kept",
      "updated_at": "2026-01-02T02:52:05Z",
      "checked_at": "2026-01-02T03:04:05Z",
      "next_at": "2026-01-02T03:05:05Z",
      "stale_after": "2026-01-02T03:02:05Z",
      "stale": true,
      "reason": "the source sent data that could not be read"
    }
  }
}
)");
}

TEST(StatusObject, is_stale_from_the_very_moment_on_and_not_before) {
  auto now = at("2026-01-02T03:04:05Z");
  auto stale = [&](std::optional<Time> updated, std::optional<Millis> after) {
    return poll_of(status_object(now, {{"p", PollState::kUnchanged, updated, now, now, after, std::nullopt}}),
                   "p")
        .at("stale")
        .as_bool();
  };
  EXPECT_TRUE(stale(now - minutes(10), minutes(10)));
  EXPECT_FALSE(stale(now - minutes(10) + Millis(1), minutes(10)));
  EXPECT_FALSE(stale(now - minutes(10'000), std::nullopt)) << "no limit was set";
  EXPECT_TRUE(stale(std::nullopt, minutes(10))) << "there is nothing that could be fresh";
  EXPECT_FALSE(stale(std::nullopt, std::nullopt));
}

TEST(StatusObject, says_every_kind_of_failure_in_its_public_words_only) {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::kInternal); ++kind) {
    auto reason = static_cast<ErrorKind>(kind);
    auto text = status_object({}, {{"p", PollState::kFailed, {}, {}, {}, {}, reason}});
    EXPECT_EQ(poll_of(text, "p").at("reason").as_string(), public_reason(reason));
  }
}

TEST(StatusObject, stays_json_whatever_a_poll_is_called) {
  auto text = status_object({}, {{"a\"b\\c\n</script>ü", PollState::kPending, {}, {}, {}, {}, {}}});
  EXPECT_EQ(poll_of(text, "a\"b\\c\n</script>ü").at("state").as_string(), "pending");
  EXPECT_TRUE(json::parse(status_object({}, {})).at("polls").as_object().empty());
}

}  // namespace
}  // namespace pollux::publish

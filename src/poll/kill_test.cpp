// SPDX-License-Identifier: Apache-2.0
// kill -9 at each step of each run, and at each pair of steps: before and after every call to the upstream,
// the store and the state. No row is lost, none is doubled, and what is public never goes back.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/units.hpp"
#include "poll/world_test.hpp"

namespace pollux::poll {
namespace {

constexpr std::size_t kRows = 8;
constexpr std::size_t kMostRuns = 40;

class Kill : public testing::Test {
 protected:
  // Lives on until the log is public to its end, dying at the given steps of its whole story (0: never). How
  // many steps that took.
  std::size_t live(World& world, const config::Poll& poll, std::vector<std::size_t> deaths,
                   const std::function<bool()>& at_end, const std::function<void()>& look) {
    std::size_t runs = 0;
    auto next_death = [&] {
      world.fate.die_at = deaths.empty() ? 0 : deaths.front();
      if (!deaths.empty()) deaths.erase(deaths.begin());
    };
    next_death();
    while (!at_end()) {
      try {
        Life life(world, poll, io_, pool_, clock_);
        while (!at_end()) {
          if (++runs > kMostRuns) {
            ADD_FAILURE() << "not at the end after " << runs << " runs: " << world.published();
            return world.fate.steps;
          }
          life.run();
          look();
        }
      } catch (const Killed&) {
        look();
        next_death();
      }
    }
    return world.fate.steps;
  }

  asio::io_context io_;
  asio::thread_pool pool_{1};
  FixedClock clock_{*parse_time("2026-01-02T10:00:00Z")};
};

// The window of one story: whole, without gap or double, and never shorter than it was.
class WindowStory : public Kill {
 protected:
  std::size_t tell(std::vector<std::size_t> deaths) {
    World world;
    world.upstream = GrowingLog{kRows};
    std::size_t seen = 0;
    auto look = [&] {
      auto ids = ids_of(world.published());
      for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], i + 1) << world.published();
      EXPECT_GE(ids.size(), seen) << "what was public is gone";
      seen = ids.size();
    };
    auto at_end = [&] { return ids_of(world.published()).size() >= kRows && !world.kept("pending/log"); };
    std::size_t steps = live(world, log_poll(100), std::move(deaths), at_end, look);
    EXPECT_EQ(ids_of(world.published()).size(), kRows);
    std::string last = GrowingLog::row(kRows);
    EXPECT_NE(world.published().find(last), std::string::npos) << "its bytes are not as they came";
    EXPECT_EQ(world.kept("window/log"), world.published());
    return steps;
  }
};

TEST_F(WindowStory, has_each_row_once_wherever_it_was_killed) {
  const std::size_t steps = tell({});
  ASSERT_GT(steps, 30U);  // a test of no steps would prove nothing
  for (std::size_t at = 1; at <= steps; ++at) {
    SCOPED_TRACE("killed at step " + std::to_string(at));
    tell({at});
    if (HasFailure()) return;
  }
}

TEST_F(WindowStory, has_each_row_once_wherever_it_was_killed_twice) {
  const std::size_t steps = tell({});
  for (std::size_t first = 1; first <= steps; ++first) {
    for (std::size_t second = first + 1; second <= steps + 6; ++second) {
      SCOPED_TRACE("killed at steps " + std::to_string(first) + " and " + std::to_string(second));
      tell({first, second});
      if (HasFailure()) return;
    }
  }
}

// Without a window each object has the rows since the one before it: a reader who collects them all has each
// row once, although the log went on growing while the program was dead.
class CursorStory : public Kill {
 protected:
  std::size_t tell(std::vector<std::size_t> deaths) {
    World world;
    GrowingLog log{kRows};
    log.page = 100;
    world.upstream = log;
    std::vector<std::size_t> collected;
    auto look = [&] {
      collected.clear();
      std::string before;
      for (const std::string& body : world.bodies) {
        if (body == before) continue;  // the same object once more
        before = body;
        for (std::size_t id : ids_of(body)) collected.push_back(id);
      }
      for (std::size_t i = 0; i < collected.size(); ++i) EXPECT_EQ(collected[i], i + 1);
    };
    auto at_end = [&] { return collected.size() >= kRows && !world.kept("pending/log"); };
    std::size_t steps = live(world, log_poll(0), std::move(deaths), at_end, look);
    EXPECT_EQ(collected.size(), kRows);
    return steps;
  }
};

TEST_F(CursorStory, gives_each_row_to_its_readers_once_wherever_it_was_killed) {
  const std::size_t steps = tell({});
  ASSERT_GT(steps, 30U);
  for (std::size_t first = 1; first <= steps; ++first) {
    SCOPED_TRACE("killed at step " + std::to_string(first));
    tell({first});
    for (std::size_t second = first + 1; second <= steps + 6; ++second) {
      SCOPED_TRACE("and at step " + std::to_string(second));
      tell({first, second});
      if (HasFailure()) return;
    }
  }
}

// A status that goes up and down: whatever was cut off before, a run that ends well has published what it was
// told, also where the upstream is back at what it said before.
class StatusStory : public Kill {
 protected:
  std::size_t tell(std::vector<std::size_t> deaths, bool with_tags) {
    World world;
    std::size_t asked = 0;
    std::string said;
    world.upstream = [&](const net::HttpRequest& request) -> Result<net::HttpResponse> {
      const std::string word = ++asked % 2 == 1 ? "up" : "down";
      const std::string tag = '"' + word + '"';
      said = R"({"status":")" + word + "\"}";
      if (with_tags &&
          std::ranges::count(request.headers, std::pair<std::string, std::string>("If-None-Match", tag)) > 0)
        return test::response(304, "");
      auto answer = test::response(200, said, {{"Content-Type", "application/json"}});
      if (with_tags) answer.headers.emplace_back("ETag", tag);
      return answer;
    };
    config::Poll poll = log_poll(0);
    poll.cursor.reset();
    poll.steps[0].query.clear();
    for (std::size_t runs = 0; runs < 6;) {
      world.fate.die_at = deaths.empty() ? 0 : deaths.front();
      try {
        Life life(world, poll, io_, pool_, clock_);
        for (; runs < 6; ++runs) {
          life.run();
          EXPECT_EQ(world.published(), said);
        }
      } catch (const Killed&) {
        deaths.erase(deaths.begin());
      }
    }
    return world.fate.steps;
  }

  void kill_everywhere(bool with_tags) {
    const std::size_t steps = tell({}, with_tags);
    ASSERT_GT(steps, 40U);
    for (std::size_t first = 1; first <= steps; ++first) {
      SCOPED_TRACE("killed at step " + std::to_string(first));
      tell({first}, with_tags);
      for (std::size_t second = first + 1; second <= steps + 6; ++second) {
        SCOPED_TRACE("and at step " + std::to_string(second));
        tell({first, second}, with_tags);
        if (HasFailure()) return;
      }
    }
  }
};

TEST_F(StatusStory, is_public_as_it_was_last_told_wherever_it_was_killed) { kill_everywhere(false); }

TEST_F(StatusStory, is_public_as_it_was_last_told_also_where_nothing_has_changed) { kill_everywhere(true); }

}  // namespace
}  // namespace pollux::poll

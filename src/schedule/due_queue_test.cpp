// SPDX-License-Identifier: Apache-2.0
#include "schedule/due_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

namespace pollux::schedule {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Time at(long long ms) { return Time(Millis(ms)); }

TEST(DueQueue, gives_what_is_due_in_the_order_of_time) {
  DueQueue queue;
  queue.set(0, at(30));
  queue.set(1, at(10));
  queue.set(2, at(20));
  EXPECT_EQ(queue.earliest(), at(10));
  EXPECT_THAT(queue.take_due(at(9)), IsEmpty());
  EXPECT_THAT(queue.take_due(at(20)), ElementsAre(1, 2));
  EXPECT_THAT(queue.take_due(at(20)), IsEmpty());
  EXPECT_EQ(queue.earliest(), at(30));
}

TEST(DueQueue, moves_a_pending_time_instead_of_adding_one) {
  DueQueue queue;
  queue.set(0, at(10));
  queue.set(0, at(50));
  EXPECT_THAT(queue.take_due(at(49)), IsEmpty());
  EXPECT_THAT(queue.take_due(at(50)), ElementsAre(0));
  EXPECT_EQ(queue.earliest(), std::nullopt);
}

TEST(DueQueue, forgets_what_is_removed) {
  DueQueue queue;
  queue.set(0, at(10));
  queue.remove(0);
  queue.remove(7);
  EXPECT_EQ(queue.due(0), std::nullopt);
  EXPECT_THAT(queue.take_due(at(99)), IsEmpty());
}

TEST(DueQueue, agrees_with_a_plain_map_over_random_operations) {
  std::mt19937 random(7);
  DueQueue queue;
  std::map<DueQueue::Id, Time> plain;
  for (int step = 0; step < 20'000; ++step) {
    DueQueue::Id id = random() % 50;
    switch (random() % 4) {
      case 0:
      case 1: {
        Time due = at(static_cast<long long>(random() % 1000));
        queue.set(id, due);
        plain[id] = due;
        break;
      }
      case 2:
        queue.remove(id);
        plain.erase(id);
        break;
      default: {
        Time now = at(static_cast<long long>(random() % 1000));
        std::vector<DueQueue::Id> expected;
        for (const auto& [key, due] : plain) {
          if (due <= now) expected.push_back(key);
        }
        std::ranges::stable_sort(expected, {}, [&](auto key) { return plain[key]; });
        ASSERT_EQ(queue.take_due(now), expected);
        for (auto key : expected) plain.erase(key);
      }
    }
  }
}

}  // namespace
}  // namespace pollux::schedule

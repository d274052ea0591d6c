// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/growing_log.hpp"

#include <gtest/gtest.h>

namespace pollux::sample_api {
namespace {

net::ServerRequest asked(const std::string& query) {
  net::ServerRequest request;
  request.method = "GET";
  request.path = "/log";
  request.query = net::parse_query(query);
  return request;
}

TEST(GrowingLog, gives_what_came_after_and_grows_only_when_asked_to) {
  GrowingLog log;
  EXPECT_EQ(log.answer(asked("after=4")).body, R"([{"id":5,"at":"2026-01-02T10:04:00Z","level":6.50}])");
  EXPECT_EQ(log.answer(asked("after=5")).body, "[]");
  EXPECT_EQ(log.answer(asked("after=5&grow=2&limit=1")).body,
            R"([{"id":6,"at":"2026-01-02T10:05:00Z","level":7.60}])");
  EXPECT_NE(log.answer(asked("")).body.find(R"("id":7)"), std::string::npos);
}

TEST(GrowingLog, refuses_what_no_cursor_would_say) {
  GrowingLog log;
  for (const char* query : {"after=", "after=null", "after=6", "after=-1", "grow=x", "limit=1.5"}) {
    EXPECT_EQ(log.answer(asked(query)).status, 400) << query;
  }
}

}  // namespace
}  // namespace pollux::sample_api

// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/paged_lists.hpp"

#include <gtest/gtest.h>

namespace pollux::sample_api {
namespace {

net::ServerResponse ask(PagedLists& lists, const std::string& path, net::QueryPairs query = {}) {
  net::ServerRequest request;
  request.method = "GET";
  request.path = path;
  request.query = std::move(query);
  auto response = lists.answer(request);
  return response ? *response : net::ServerResponse{404, {}, "", {}};
}

TEST(PagedLists, takes_only_cursors_that_it_made) {
  PagedLists lists;
  std::string body = ask(lists, "/pages/cursor").body;
  std::string cursor = body.substr(body.find("\"p1-") + 1, 11);
  EXPECT_EQ(ask(lists, "/pages/cursor", {{"cursor", cursor}}).status, 200);
  EXPECT_EQ(ask(lists, "/pages/cursor", {{"cursor", "p1-00000000"}}).status, 400);
  EXPECT_EQ(ask(lists, "/pages/cursor", {{"cursor", ""}}).status, 400);
  EXPECT_EQ(ask(lists, "/pages/cursor", {{"cursor", cursor}, {"per_page", "5"}}).status, 400);
  EXPECT_EQ(ask(lists, "/pages/offset").status, 400);
  EXPECT_EQ(ask(lists, "/pages/number", {{"page", "0"}}).status, 400);
  EXPECT_EQ(ask(lists, "/pages/unknown").status, 404);
}

TEST(PagedLists, takes_any_offset_and_sends_no_more_than_there_is) {
  PagedLists lists;
  EXPECT_EQ(ask(lists, "/pages/offset", {{"offset", "23"}}).body,
            R"({"results":[{"id":24,"price":24.50},{"id":25,"price":25.50}],"total":25})");
  EXPECT_EQ(ask(lists, "/pages/offset", {{"offset", "25"}}).body, R"({"results":[],"total":25})");
  EXPECT_EQ(ask(lists, "/pages/offset", {{"offset", "30"}}).body, R"({"results":[],"total":25})");
}

TEST(PagedLists, refuses_a_number_that_is_none) {
  PagedLists lists;
  for (const char* name : {"total", "per_page"}) {
    for (const char* value : {"abc", "-1", "", "1.5", "1000001", "10 "})
      EXPECT_EQ(ask(lists, "/pages/link", {{name, value}}).status, 400) << name << "=" << value;
  }
  EXPECT_EQ(ask(lists, "/pages/link", {{"per_page", "0"}}).status, 400);
  EXPECT_EQ(ask(lists, "/pages/link", {{"total", "0"}}).body, "[]");
  for (const char* value : {"abc", "-1", ""}) {
    EXPECT_EQ(ask(lists, "/pages/offset", {{"offset", value}}).status, 400) << value;
    EXPECT_EQ(ask(lists, "/pages/header", {{"page", value}}).status, 400) << value;
  }
}

TEST(PagedLists, counts_offsets_that_overlap_or_leave_something_out) {
  PagedLists lists;
  auto walk = [&](std::initializer_list<const char*> offsets) {
    lists.forget();
    for (const char* offset : offsets) ask(lists, "/pages/offset", {{"offset", offset}});
    return lists.stats().at("/pages/offset");
  };
  for (const char* last : {"25", "30"}) {
    EXPECT_EQ(walk({"0", "10", "20", last}).at("twice"), 0);
    EXPECT_EQ(walk({"0", "10", "20", last}).at("out_of_order"), 0);
  }
  EXPECT_EQ(walk({"0", "9"}).at("twice"), 1);
  EXPECT_EQ(walk({"0", "10", "10"}).at("twice"), 1);
  EXPECT_EQ(walk({"0", "11"}).at("out_of_order"), 1);
}

TEST(PagedLists, counts_what_was_asked_for_twice_or_out_of_order) {
  PagedLists lists;
  for (const char* page : {"1", "2", "2", "4"}) ask(lists, "/pages/number", {{"page", page}});
  auto seen = lists.stats().at("/pages/number");
  EXPECT_EQ(seen.at("pages"), 4);
  EXPECT_EQ(seen.at("walks"), 1);
  EXPECT_EQ(seen.at("twice"), 1);
  EXPECT_EQ(seen.at("out_of_order"), 1);
}

TEST(PagedLists, keeps_the_zeros_at_the_end_of_its_numbers) {
  PagedLists lists;
  EXPECT_EQ(ask(lists, "/pages/link", {{"total", "1"}}).body, R"([{"id":1,"price":1.50}])");
  EXPECT_EQ(ask(lists, "/pages/lines", {{"page", "3"}, {"per_page", "12"}}).body,
            "{\"id\":25,\"price\":25.50}\n");
  EXPECT_EQ(ask(lists, "/pages/table", {{"page", "3"}, {"per_page", "12"}}).body, "id,price\r\n25,25.50\r\n");
}

}  // namespace
}  // namespace pollux::sample_api

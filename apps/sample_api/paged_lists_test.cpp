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
  EXPECT_EQ(ask(lists, "/pages/offset", {{"offset", "7"}}).status, 400);
  EXPECT_EQ(ask(lists, "/pages/number", {{"page", "0"}}).status, 400);
  EXPECT_EQ(ask(lists, "/pages/unknown").status, 404);
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

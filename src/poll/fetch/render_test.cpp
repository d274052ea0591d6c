// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/render.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "base/units.hpp"

namespace pollux::fetch {
namespace {

using config::BodyNode;
using config::Template;

Template ref(std::string step, std::vector<std::variant<std::string, std::size_t>> path) {
  return {{Template::StepRef{std::move(step), std::move(path)}}};
}

Scope scope() {
  Scope out{*parse_time("2026-03-01T02:00:00Z"), "America/New_York", {}};
  out.answers["list"] = boost::json::parse(R"({"items": [{"id": "a b/c?d", "n": 7}], "next": null})");
  return out;
}

TEST(Render, escapes_what_an_answer_brings_into_a_path_and_leaves_the_authors_text_alone) {
  Template path{{std::string("/queues/a%20b/"), Template::StepRef{"list", {"items", std::size_t(0), "id"}},
                 std::string("?x=1")}};
  EXPECT_EQ(render(path, scope(), Escape::kUrl), "/queues/a%20b/a%20b%2Fc%3Fd?x=1");
}

TEST(Render, takes_dates_in_the_zone_of_the_poll) {
  Template text{{std::string("from="), Template::DateRef{-1}, std::string("&to="), Template::DateRef{0}}};
  EXPECT_EQ(render(text, scope(), Escape::kNone), "from=2026-02-27&to=2026-02-28");
}

TEST(Render, says_what_the_answer_lacks) {
  auto missing = render(ref("list", {"items", std::size_t(3), "id"}), scope(), Escape::kNone);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::kMalformed);
  EXPECT_NE(missing.error().message.find("list.items[3].id"), std::string::npos);
}

TEST(Render, refuses_null_lists_and_objects_where_text_is_needed) {
  for (auto path : {std::vector<std::variant<std::string, std::size_t>>{"next"}, {"items"}, {}}) {
    EXPECT_FALSE(render(ref("list", path), scope(), Escape::kNone));
  }
}

TEST(Render, refuses_a_part_of_a_path_that_would_lead_elsewhere) {
  Scope s = scope();
  for (auto part : {"", ".", ".."}) {
    s.answers["evil"] = boost::json::string(part);
    EXPECT_FALSE(render(ref("evil", {}), s, Escape::kUrl)) << part;
    EXPECT_TRUE(render(ref("evil", {}), s, Escape::kNone)) << part;
  }
}

Template cursor(std::vector<std::variant<std::string, std::size_t>> path = {}) {
  return {{Template::CursorRef{std::move(path)}}};
}

Scope with_cursor(std::string json) {
  Scope out = scope();
  out.cursor = std::move(json);
  return out;
}

TEST(RenderCursor, fills_in_texts_and_numbers_with_their_own_digits) {
  EXPECT_EQ(render(cursor(), with_cursor("1.10"), Escape::kNone), "1.10");
  EXPECT_EQ(render(cursor(), with_cursor("100000000000000000000"), Escape::kNone), "100000000000000000000");
  EXPECT_EQ(render(cursor(), with_cursor(R"("a\u0062 c")"), Escape::kUrl), "ab%20c");
  EXPECT_EQ(render(cursor({"since", std::size_t{1}}), with_cursor(R"({"since":[1,"x"]})"), Escape::kNone),
            "x");
}

TEST(RenderCursor, leaves_a_parameter_out_while_there_is_no_cursor) {
  config::TemplatePairs pairs{
      {"after", cursor()}, {"deep", cursor({"a", "b"})}, {"limit", {{std::string("5")}}}};
  EXPECT_EQ(render_pairs(pairs, with_cursor("null")), "limit=5");
  EXPECT_EQ(render_pairs(pairs, with_cursor("")), "limit=5");
  EXPECT_EQ(render_pairs(pairs, with_cursor(R"({"a":{"b":null}})")).error().kind, ErrorKind::kMalformed);
  EXPECT_EQ(render_pairs({{"after", cursor({"a"})}}, with_cursor(R"({"a":null})")), "");
  EXPECT_EQ(render_pairs({{"after", cursor()}}, with_cursor("0")), "after=0");
}

TEST(RenderCursor, says_what_is_missing_where_something_must_stand) {
  for (auto escape : {Escape::kNone, Escape::kUrl}) {
    auto path = render({{std::string("/log/"), Template::CursorRef{}}}, with_cursor("null"), escape);
    ASSERT_FALSE(path);
    EXPECT_NE(path.error().message.find("the cursor is null here; give it a `start`"), std::string::npos);
  }
  auto missing = render(cursor({"since"}), with_cursor(R"({"until":1})"), Escape::kNone);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("the cursor has no .since"), std::string::npos);
  EXPECT_FALSE(render(cursor(), with_cursor("{}"), Escape::kNone));
  EXPECT_FALSE(render(cursor(), with_cursor("[1]"), Escape::kNone));
  EXPECT_FALSE(render(cursor(), with_cursor(R"("..")"), Escape::kUrl));
  EXPECT_FALSE(render(cursor(), with_cursor(R"("")"), Escape::kUrl));
}

TEST(RenderCursor, stands_in_a_json_body_as_it_is) {
  BodyNode body{BodyNode::Object{{"from", {cursor()}},
                                 {"text", {Template{{std::string("id > "), Template::CursorRef{}}}}}}};
  EXPECT_EQ(render_json(body, with_cursor("1.10")), R"({"from":1.10,"text":"id > 1.10"})");
  BodyNode whole{cursor()};
  EXPECT_EQ(render_json(whole, with_cursor("null")), "null");
  EXPECT_EQ(render_json(whole, with_cursor(R"({"a":[1]})")), R"({"a":[1]})");
}

TEST(RenderPairs, encodes_names_and_values) {
  config::TemplatePairs pairs{{"a b", {{std::string("1&2")}}},
                              {"id", ref("list", {"items", std::size_t(0), "id"})}};
  EXPECT_EQ(render_pairs(pairs, scope()), "a%20b=1%262&id=a%20b%2Fc%3Fd");
}

TEST(RenderJson, puts_a_lone_reference_in_with_its_type) {
  BodyNode::Object object;
  object.emplace_back("n", BodyNode{ref("list", {"items", std::size_t(0), "n"})});
  object.emplace_back(
      "text",
      BodyNode{Template{{std::string("n is "), Template::StepRef{"list", {"items", std::size_t(0), "n"}}}}});
  object.emplace_back("raw", BodyNode{BodyNode::Raw{"12.50"}});
  BodyNode::List list;
  list.push_back(BodyNode{Template{{std::string("quote\"d")}}});
  list.push_back(BodyNode{ref("list", {"next"})});
  object.emplace_back("list", BodyNode{std::move(list)});
  BodyNode body{std::move(object)};
  EXPECT_EQ(render_json(body, scope()), R"({"n":7,"text":"n is 7","raw":12.50,"list":["quote\"d",null]})");
}

}  // namespace
}  // namespace pollux::fetch

// SPDX-License-Identifier: Apache-2.0
// Pages, formats and conditional requests with the real programs: sample-api refuses cursors that it did not
// make and counts what it is asked for twice.
#include <gmock/gmock.h>

#include "tests/system/call_center.hpp"

namespace pollux::test {
namespace {

using testing::HasSubstr;

// 25 items as sample-api writes them: a program that reads and writes numbers loses their last zero.
std::string all_items() {
  std::string out = "[";
  for (int i = 1; i <= 25; ++i)
    out += (i > 1 ? "," : "") + ("{\"id\":" + std::to_string(i) + ",\"price\":" + std::to_string(i) + ".50}");
  return out + "]";
}

class PagesTest : public CallCenter {
 protected:
  void SetUp() override { variables_ = {{"SAMPLE_API", api_.url()}}; }

  // A file with one poll, whose fetch is this.
  void fetch(const std::string& fetch, const std::string& more = "") {
    write(
        "upstreams: {api: {url: \"${SAMPLE_API}\", retry: {attempts: 1}}}\npolls:\n  list:\n    every: 1h\n"
        "    fetch: " +
        fetch + "\n" + more);
  }
  std::string list() const { return read_text(dir_ / "public/list.json"); }
  json::object of_pages(const std::string& path) const {
    return api_.stats().at("pages").as_object().at(path).as_object();
  }
  json::object event(const Finished& done) const { return run_event(done.out); }
};

struct Kind {
  const char* name;
  const char* path;
  const char* paginate;
  std::int64_t pages;
};
constexpr Kind kKinds[] = {
    {"link", "/pages/link", "{link: next}", 3},
    {"next", "/pages/next", "{next: .links.next, items: .data}", 3},
    {"cursor", "/pages/cursor", "{cursor: .meta.next_cursor, as: cursor, items: .data}", 3},
    {"offset", "/pages/offset", "{offset: offset, items: .results}", 4},
    {"offset_by", "/pages/offset", "{offset: offset, by: 10, items: .results}", 4},
    {"number", "/pages/number", "{page: page, items: .results}", 4},
    {"until", "/pages/number", "{page: page, items: .results, until: '.results | length < 10'}", 3},
    {"jq", "/pages/header", "{jq: '.headers[\"x-next-page\"] | if . == \"\" then null else {page: .} end'}",
     3},
    {"jq_url", "/pages/next", "{jq: .page.links.next, items: .data}", 3},
    {"lines", "/pages/lines", "{page: page}", 4},
};

class PagesOfKind : public PagesTest, public testing::WithParamInterface<Kind> {};

TEST_P(PagesOfKind, are_one_list_in_their_own_bytes_and_each_is_asked_for_once) {
  const Kind& kind = GetParam();
  fetch("{from: api, path: \"" + std::string(kind.path) +
        "\", query: {per_page: 10}, paginate: " + kind.paginate + "}");
  auto done = once();
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_EQ(list(), all_items());
  auto seen = of_pages(kind.path);
  EXPECT_EQ(seen.at("pages"), kind.pages);
  EXPECT_EQ(seen.at("walks"), 1);
  EXPECT_EQ(seen.at("twice"), 0);
  EXPECT_EQ(seen.at("out_of_order"), 0);
  EXPECT_EQ(event(done).at("pages"), kind.pages);
}

INSTANTIATE_TEST_SUITE_P(, PagesOfKind, testing::ValuesIn(kKinds),
                         [](const auto& tested) { return tested.param.name; });

TEST_F(PagesTest, keep_the_last_good_object_where_one_of_them_fails) {
  fetch("{from: api, path: /pages/cursor, paginate: {cursor: .meta.next_cursor, as: cursor, items: .data}}");
  ASSERT_EQ(once().exit, 0);
  const std::string before = list();
  for (const char* fault : {"status", "cut_json", "html", "reset"}) {
    api_.fault({{"match", "cursor=p2"}, {"fault", fault}});
    auto done = once();
    EXPECT_EQ(done.exit, 1) << fault;
    EXPECT_THAT(text_of(event(done), "message"), HasSubstr("page 3: ")) << fault;
    EXPECT_EQ(text_of(event(done), "outcome"), "kept") << fault;
    EXPECT_EQ(list(), before) << fault;
    api_.heal();
  }
}

TEST_F(PagesTest, are_never_cut_in_silence_and_never_lead_elsewhere) {
  fetch("{from: api, path: /pages/link, paginate: {link: next, max_pages: 2}}");
  auto cut = once();
  EXPECT_EQ(cut.exit, 1);
  EXPECT_THAT(text_of(event(cut), "message"), HasSubstr("there are more than 2 pages"));
  EXPECT_EQ(of_pages("/pages/link").at("pages"), 2);
  fetch("{from: api, path: /pages/elsewhere, paginate: {link: next}}");
  auto away = once();
  EXPECT_EQ(away.exit, 1);
  EXPECT_THAT(text_of(event(away), "message"),
              HasSubstr("page 1: the next page is said to be at http://elsewhere.test:80"));
}

TEST_F(PagesTest, end_where_a_cursor_comes_again) {
  fetch(
      "{from: api, path: /pages/cursor, query: {ends: same}, paginate: {cursor: .meta.next_cursor, as: "
      "cursor, "
      "items: .data}}");
  ASSERT_EQ(once().exit, 0);
  EXPECT_EQ(list(), all_items());
  EXPECT_EQ(of_pages("/pages/cursor").at("twice"), 0);
}

TEST_F(PagesTest, have_programs_that_check_looks_at_too) {
  fetch(
      "\n      from: api\n      path: /pages/link\n      paginate:\n        until: \".a |\"\n        jq: |\n"
      "          .page\n          | nonsense\n");
  auto checked = pollux({"check"});
  EXPECT_EQ(checked.exit, 2);
  EXPECT_THAT(checked.out + checked.err, HasSubstr("pollux.yaml:9:"));
  EXPECT_THAT(checked.out + checked.err, HasSubstr("polls.list.fetch.paginate.until"));
  EXPECT_THAT(checked.out + checked.err, HasSubstr("pollux.yaml:12:13: polls.list.fetch.paginate.jq"));
}

TEST_F(PagesTest, may_be_tables_and_other_formats_and_character_sets_are_read) {
  const std::pair<const char*, const char*> answers[] = {
      {"{from: api, path: /pages/table, query: {total: 2, per_page: 1}, paginate: {page: page}}",
       R"([{"id":"1","price":"1.50"},{"id":"2","price":"2.50"}])"},
      {"{from: api, path: /lines}", R"([{"id":1,"price":1.50},{"id":2,"price":2.00}])"},
      {"{from: api, path: /table}",
       R"([{"id":"1","name":"Ada","note":"says \"hi\",\r\ntwice"},{"id":"2","name":"Björn","note":""}])"},
      {"{from: api, path: /table/latin1, expect: csv, delimiter: ';'}",
       R"([{"Ort":"München","Höhe":"519,5"},{"Ort":"Köln","Höhe":"37"}])"},
      {"{from: api, path: /json/latin1}", R"({"city":"München"})"},
      {"{from: api, path: /json/utf16}", R"({"city":"Bern"})"},
  };
  for (const auto& [request, object] : answers) {
    fetch(request);
    auto done = once();
    ASSERT_EQ(done.exit, 0) << request << done.out << done.err;
    EXPECT_EQ(list(), object) << request;
  }
}

TEST_F(PagesTest, are_asked_for_conditionally_where_they_are_documents) {
  const std::string request = "{from: api, path: /document}";
  fetch(request, "    transform: {jq: .version}\n");
  auto first = once();
  ASSERT_EQ(first.exit, 0) << first.out << first.err;
  EXPECT_EQ(list(), "1");
  // Another process: the tags come from the state.
  auto second = once();
  EXPECT_EQ(second.exit, 0);
  EXPECT_EQ(text_of(event(second), "outcome"), "unchanged");
  EXPECT_THAT(text_of(event(second), "message"), HasSubstr("not modified"));
  EXPECT_EQ(event(second).at("transform_ms"), 0);
  EXPECT_EQ(api_.stats().at("document").at("not_modified"), 1);
  net::HttpRequest put;
  put.method = "PUT";
  put.url = api_.url() + "/document";
  put.body = R"({"version":2})";
  ASSERT_EQ(ask(put).status, 204);
  EXPECT_EQ(text_of(event(once()), "outcome"), "published");
  EXPECT_EQ(list(), "2");
  // An edited program sees the whole again.
  fetch(request, "    transform: {jq: .version + 1}\n");
  EXPECT_EQ(text_of(event(once()), "outcome"), "published");
  EXPECT_EQ(list(), "3");
  EXPECT_EQ(api_.stats().at("document").at("sent"), 3);
  fetch("{from: api, path: /document, conditional: false}", "    transform: {jq: .version + 1}\n");
  EXPECT_EQ(text_of(event(once()), "outcome"), "unchanged");
  EXPECT_EQ(api_.stats().at("document").at("sent"), 4);
}

TEST_F(PagesTest, go_by_the_date_alone_where_an_api_has_no_tags) {
  fetch("{from: api, path: /document, query: {validators: last_modified}}");
  ASSERT_EQ(once().exit, 0);
  EXPECT_EQ(text_of(event(once()), "outcome"), "unchanged");
  EXPECT_EQ(api_.stats().at("document").at("not_modified"), 1);
  fetch("{from: api, path: /document, query: {validators: none}}");
  once();
  once();
  EXPECT_EQ(api_.stats().at("document").at("not_modified"), 1);
}

// Each run goes one page beyond where the last one ended: with `$cursor` null, all would end on the first.
TEST_F(PagesTest, end_where_a_program_compares_them_with_the_cursor) {
  fetch(
      "{from: api, path: /pages/number, query: {per_page: 10}, paginate: {page: page, items: .results, "
      "until: '.results[-1].id > $cursor'}}",
      "    cursor: {jq: 'map(.id) | max', start: 10}\n    transform: {jq: 'map(.id) | max'}\n");
  for (const char* last : {"20", "25"}) {
    auto done = once();
    ASSERT_EQ(done.exit, 0) << done.out << done.err;
    EXPECT_EQ(list(), last);
  }
}

TEST_F(PagesTest, have_programs_that_may_run_no_longer_than_transform) {
  fetch("{from: api, path: /pages/number, paginate: {page: page, items: .results, until: 'last(repeat(1))'}}",
        "    transform: {jq: ., timeout: 100ms}\n");
  auto done = once();
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(text_of(event(done), "message"), HasSubstr("page 1: the program ran longer than 100 ms"));
}

}  // namespace
}  // namespace pollux::test

// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/pages/pager.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace pollux::fetch {
namespace {

using config::Pages;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kUrl = "https://api.test/list?q=1";

// What an API does with an address: the body of the page that is there.
struct Api {
  std::function<Page(const std::string& url)> page;
  std::function<Verdicts(const Page&)> say = [](const Page&) { return Verdicts{}; };
  std::vector<std::string> asked = {};

  // Walks to the end; the list, or the error's message with "page N: " in front.
  std::string walk(const Pages& pages) {
    Pager pager(pages);
    std::optional<std::string> next = pager.first(kUrl);
    while (next) {
      asked.push_back(*next);
      Page got = page(*next);
      got.url = *next;
      std::size_t number = pager.number();
      auto step = pager.step(got, say(got));
      if (!step) return "page " + std::to_string(number) + ": " + step.error().message;
      next = *step;
    }
    return pager.take_list();
  }
};

Pages pages(decltype(Pages::next) next, JsonPath items = {}) {
  Pages out;
  out.next = std::move(next);
  out.items = std::move(items);
  return out;
}

// An API that gives these bodies, one after the other.
Api in_turn(std::vector<std::string> bodies) {
  auto at = std::make_shared<std::size_t>(0);
  return {[bodies, at](const std::string&) {
    return Page{"", *at < bodies.size() ? bodies[(*at)++] : R"({"items":[],"next":"more"})", {}};
  }};
}

TEST(Pager, follows_the_link_header) {
  Api api{[](const std::string& url) {
    if (url.ends_with("p=3")) return Page{"", "[5.10]", {{"Link", "</list?p=1>; rel=first"}}};
    std::string to = url.ends_with("p=2") ? "?p=3" : "/list?p=2";
    return Page{"",
                url.ends_with("p=2") ? "[3, 4]" : "[1,2.50]",
                {{"LINK", "</list?p=1>; rel=first"}, {"link", "<" + to + ">; rel=\"next\""}}};
  }};
  EXPECT_EQ(api.walk(pages(Pages::LinkHeader{"next"})), "[1,2.50,3,4,5.10]");
  EXPECT_THAT(api.asked, ElementsAre(kUrl, "https://api.test/list?p=2", "https://api.test/list?p=3"));
}

TEST(Pager, follows_the_address_in_the_answer) {
  Api api = in_turn({R"({"data":[1],"links":{"next":"?a=2"}})",
                     R"({"data":[2],"links":{"next":"/list?a=3"}})", R"({"data":[3],"links":{}})"});
  EXPECT_EQ(api.walk(pages(Pages::NextUrl{{"links", "next"}}, {"data"})), "[1,2,3]");
  EXPECT_THAT(api.asked, ElementsAre(kUrl, "https://api.test/list?a=2", "https://api.test/list?a=3"));
}

TEST(Pager, sends_the_cursor_that_the_page_has_with_its_own_digits) {
  Api api = in_turn(
      {R"({"d":[1],"c":9007199254740993})", R"({"d":[2],"c":"a b\u0026c"})", R"({"d":[3],"c":null})"});
  EXPECT_EQ(api.walk(pages(Pages::CursorParameter{{"c"}, "after"}, {"d"})), "[1,2,3]");
  EXPECT_THAT(api.asked, ElementsAre(kUrl, kUrl + "&after=9007199254740993", kUrl + "&after=a%20b%26c"));
}

TEST(Pager, ends_where_there_is_no_further_cursor) {
  for (const char* none :
       {R"({"d":[1]})", R"({"d":[1],"c":null})", R"({"d":[1],"c":""})", R"({"d":[1],"c":false})"})
    EXPECT_EQ(in_turn({none}).walk(pages(Pages::CursorParameter{{"c"}, "after"}, {"d"})), "[1]") << none;
}

TEST(Pager, counts_items_from_zero) {
  Api api = in_turn({"[1,2]", "[3,4]", "[5]", "[]"});
  EXPECT_EQ(api.walk(pages(Pages::Offset{"from", 2})), "[1,2,3,4,5]");
  EXPECT_THAT(api.asked, ElementsAre(kUrl + "&from=0", kUrl + "&from=2", kUrl + "&from=4", kUrl + "&from=6"));
}

TEST(Pager, goes_on_by_as_many_items_as_the_page_had) {
  Api api = in_turn({"[1,2,3]", "[4]", "[]"});
  EXPECT_EQ(api.walk(pages(Pages::Offset{"from", 0})), "[1,2,3,4]");
  EXPECT_THAT(api.asked, ElementsAre(kUrl + "&from=0", kUrl + "&from=3", kUrl + "&from=4"));
}

TEST(Pager, counts_pages_from_the_first_that_the_file_names) {
  Api api = in_turn({"[1]", "[2]", "[]"});
  EXPECT_EQ(api.walk(pages(Pages::Number{"q", 0})), "[1,2]");
  EXPECT_THAT(api.asked, ElementsAre("https://api.test/list?q=0", "https://api.test/list?q=1",
                                     "https://api.test/list?q=2"));
}

TEST(Pager, does_as_the_program_says) {
  auto verdicts = std::make_shared<std::vector<std::string>>(
      std::vector<std::string>{R"({"page":2,"q":null,"all":true})", R"("/list?z=1")", "null"});
  Api api = in_turn({"[1]", "[]", "[3]"});
  api.say = [verdicts](const Page&) {
    Verdicts said{"", verdicts->front()};
    verdicts->erase(verdicts->begin());
    return said;
  };
  EXPECT_EQ(api.walk(pages(Pages::Program{})), "[1,3]") << "a program goes on over an empty page";
  EXPECT_THAT(api.asked,
              ElementsAre(kUrl, "https://api.test/list?page=2&all=true", "https://api.test/list?z=1"));
}

TEST(Pager, refuses_a_number_that_jq_may_have_changed) {
  Api api = in_turn({"[1]"});
  api.say = [](const Page&) { return Verdicts{"", R"({"after":9007199254740994})"}; };
  EXPECT_THAT(api.walk(pages(Pages::Program{})),
              HasSubstr("`after` is no text and no whole number up to 2^53"));
  Api list = in_turn({"[1]"});
  list.say = [](const Page&) { return Verdicts{"", "[1]"}; };
  EXPECT_THAT(list.walk(pages(Pages::Program{})), HasSubstr("paginate.jq made neither null nor an address"));
}

TEST(Pager, ends_on_the_page_where_until_holds) {
  Api api = in_turn({"[1]", "[2]", "[3]"});
  api.say = [](const Page& page) { return Verdicts{page.json == "[2]" ? "true" : "false", ""}; };
  EXPECT_EQ(api.walk(pages(Pages::Number{"p", 1})), "[1,2]");
  EXPECT_EQ(api.asked.size(), 2U);
  Api odd = in_turn({"[1]"});
  odd.say = [](const Page&) { return Verdicts{"1", ""}; };
  EXPECT_THAT(odd.walk(pages(Pages::Number{"p", 1})), HasSubstr("not true or false"));
}

TEST(Pager, never_cuts_a_list_in_silence) {
  Pages three = pages(Pages::Offset{"from", 1});
  three.max_pages = 3;
  EXPECT_EQ(in_turn({"[1]", "[2]", "[]"}).walk(three), "[1,2]");
  Api api = in_turn({"[1]", "[2]", "[3]", "[]"});
  EXPECT_THAT(api.walk(three), HasSubstr("page 3: there are more than 3 pages"));
  EXPECT_EQ(api.asked.size(), 3U) << "the fourth was not even asked for";
}

TEST(Pager, wants_a_list_on_every_page) {
  auto next = Pages::CursorParameter{{"c"}, "c"};
  for (const char* bad : {R"({"error":"busy"})", R"({"d":null,"c":"2"})", R"({"d":{},"c":"2"})", "[]"})
    EXPECT_THAT(in_turn({R"({"d":[1],"c":"1"})", bad}).walk(pages(next, {"d"})),
                HasSubstr("page 2: there is no list at .d"))
        << bad;
  EXPECT_THAT(in_turn({R"({"d":[1]})"}).walk(pages(next)), HasSubstr("say where its list is with `items:`"));
  EXPECT_THAT(in_turn({R"({"d":[1],"c":[2]})"}).walk(pages(next, {"d"})),
              HasSubstr(".c is no text and no number"));
}

TEST(Pager, does_not_follow_an_address_to_another_host) {
  Api api = in_turn({R"({"d":[1],"n":"https://evil.test/"})"});
  EXPECT_THAT(api.walk(pages(Pages::NextUrl{{"n"}}, {"d"})), HasSubstr("credentials do not go there"));
}

TEST(Pager, shows_a_program_the_page_its_number_and_its_headers) {
  Page page{kUrl, "[1.50]", {{"X-Next", "2"}, {"x-next", "\xFF\"3"}}};
  EXPECT_EQ(program_input(page, 4),
            R"({"headers":{"x-next":"2, ?\"3"},"number":4,"url":"https://api.test/list?q=1","page":[1.50]})");
}

TEST(Complaint, beats_30693_the_first_page_was_fetched_twice) {
  // The last page's cursor is its own: followed once more, its items would stand there twice.
  Api api{[](const std::string& url) {
    bool second = url.find("c=two") != std::string::npos;
    return Page{"", second ? R"({"d":[2],"c":"two"})" : R"({"d":[1],"c":"two"})", {}};
  }};
  EXPECT_EQ(api.walk(pages(Pages::CursorParameter{{"c"}, "c"}, {"d"})), "[1,2]");
  EXPECT_EQ(api.asked.size(), 2U);
  // A cycle of two, and a next address that is the first one.
  Api cycle{[](const std::string& url) {
    return Page{"", url.ends_with("q=1") ? R"({"d":[1],"n":"?q=2"})" : R"({"d":[2],"n":"?q=1"})", {}};
  }};
  EXPECT_EQ(cycle.walk(pages(Pages::NextUrl{{"n"}}, {"d"})), "[1,2]");
  EXPECT_EQ(cycle.asked.size(), 2U);
}

TEST(Complaint, beats_30693_an_api_that_does_not_know_the_parameter_sends_the_first_page_for_ever) {
  Api api{[](const std::string&) { return Page{"", "[1,2]", {}}; }};
  EXPECT_THAT(api.walk(pages(Pages::Offset{"offset", 2})),
              HasSubstr("page 2: it has the items of the page before: the API does not know the parameter"));
  EXPECT_EQ(api.asked.size(), 2U);
}

TEST(Complaint, beats_27292_only_the_first_page_came) {
  // A first page that is shorter than the others, and one that looks like the end but is none.
  EXPECT_EQ(in_turn({"[1]", "[2,3]", "[4,5]", "[]"}).walk(pages(Pages::Offset{"from", 0})), "[1,2,3,4,5]");
  EXPECT_EQ(
      in_turn({R"({"d":[1],"c":0})", R"({"d":[2]})"}).walk(pages(Pages::CursorParameter{{"c"}, "c"}, {"d"})),
      "[1,2]");
  // Pages of `by` items that are larger than was said: the next one would bring some again.
  EXPECT_THAT(in_turn({"[1,2,3]"}).walk(pages(Pages::Offset{"from", 2})), HasSubstr("some would come twice"));
}

}  // namespace
}  // namespace pollux::fetch

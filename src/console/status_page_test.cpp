// SPDX-License-Identifier: Apache-2.0
#include "console/status_page.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "console/status_json.hpp"

namespace pollux::console {
namespace {

using namespace std::chrono_literals;

const Time kNow{1732500000s};

StatusView view() {
  PollView poll;
  poll.name = "wait-times";
  poll.state = "kept";
  poll.outcome = "kept the object of 10:02";
  poll.last_run = kNow - 12s;
  poll.next_run = kNow + 48s;
  poll.last_error = "en_call: <b>503</b> from api.example.gov & no more";
  poll.duration = 1234ms;
  poll.objects = {{"public", "waittime.json", "/public/waittime.json"}};
  StatusView status;
  status.version = "0.1.0";
  status.started_at = kNow - 3600s;
  status.now = kNow;
  status.ready = true;
  status.polls = {poll};
  return status;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(StatusPage, shows_state_last_and_next_run_and_the_last_error) {
  std::string page = status_page(view());
  EXPECT_TRUE(contains(page, "<span class=\"state kept\">kept</span>"));
  EXPECT_TRUE(contains(page, ">12 s ago</time>"));
  EXPECT_TRUE(contains(page, ">in 48 s</time>"));
  EXPECT_TRUE(contains(page, "datetime=\"2024-11-25T01:59:48Z\""));
  EXPECT_TRUE(contains(page, "1 poll, 1 in trouble"));
  EXPECT_TRUE(contains(page, "href=\"/public/waittime.json\""));
  EXPECT_TRUE(contains(page, "en_call: &lt;b&gt;503&lt;/b&gt; from api.example.gov &amp; no more"));
}

TEST(StatusPage, lets_no_text_become_markup) {
  const std::string attack = "\"'><script>alert(1)</script>";
  StatusView status = view();
  auto& poll = status.polls[0];
  poll.name = poll.state = poll.outcome = poll.last_error = status.version = attack;
  poll.objects = {
      {attack, attack, "/" + attack}, {"a", "b", "javascript:alert(1)"}, {"a", "b", "//evil.example/"}};
  std::string page = status_page(status);
  EXPECT_FALSE(contains(page, "<script"));
  EXPECT_FALSE(contains(page, "\"'>"));
  EXPECT_FALSE(contains(page, "href=\"javascript"));
  EXPECT_FALSE(contains(page, "href=\"//"));
}

TEST(StatusPage, needs_nothing_from_elsewhere_and_no_inline_code) {
  std::string page = status_page(view());
  for (const char* foreign :
       {"style=", "<style", "<script", "http:", "https:", "onclick=", "onload=", "<img"}) {
    EXPECT_FALSE(contains(page, foreign)) << foreign;
  }
  EXPECT_FALSE(contains(std::string(status_style()), "url("));
}

TEST(StatusPage, says_what_is_not_known_yet) {
  StatusView status;
  status.now = kNow;
  status.polls.push_back({});
  status.polls[0].name = "new";
  std::string page = status_page(status);
  EXPECT_TRUE(contains(page, "not yet run"));
  EXPECT_TRUE(contains(page, "&ndash;"));
  EXPECT_TRUE(contains(page, "starting"));
}

TEST(StatusJson, has_the_same_with_null_for_what_is_not_known) {
  auto value = boost::json::parse(status_json(view()));
  const auto& poll = value.at("polls").at(0);
  EXPECT_EQ(poll.at("name"), "wait-times");
  EXPECT_EQ(poll.at("next_run"), "2024-11-25T02:00:48Z");
  EXPECT_TRUE(poll.at("last_ok").is_null());
  EXPECT_EQ(poll.at("duration_ms"), 1234);
  EXPECT_EQ(poll.at("objects").at(0).at("url"), "/public/waittime.json");
  EXPECT_EQ(value.at("ready"), true);
}

}  // namespace
}  // namespace pollux::console

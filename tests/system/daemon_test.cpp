// SPDX-License-Identifier: Apache-2.0
// `pollux run`: the schedule, its own server, and how it ends.
#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tests/system/call_center.hpp"

namespace pollux::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class DaemonTest : public CallCenter {
 protected:
  static constexpr const char* kPath = "/public/1.0/waittime.json";

  static bool published(Daemon& daemon) {
    return daemon.process().wait_for_output("\"outcome\":\"published\"");
  }

  /// Waits until an answer that will not come for a long time was asked for.
  void wait_for_request(const std::string& path, std::int64_t count = 1) const {
    auto asked = [&] {
      const auto stats = api_.stats();
      const json::value* found = stats.at("requests").as_object().if_contains(path);
      return found != nullptr && found->to_number<std::int64_t>() >= count;
    };
    ASSERT_TRUE(eventually(asked)) << path;
  }
};

constexpr const char* kEnglishCalls = "/api/v2/routing/queues/en-queue/mediatypes/call/estimatedwaittime";

TEST_F(DaemonTest, runs_each_poll_at_once_and_serves_what_it_published) {
  auto daemon = run();
  ASSERT_TRUE(published(*daemon));
  auto answer = daemon->get(kPath);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, object());
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  EXPECT_EQ(answer.header("Cache-Control"), "max-age=30, stale-while-revalidate=60");
  EXPECT_EQ(daemon->get("/healthz").status, 200);
  EXPECT_EQ(daemon->get("/readyz").status, 200);
  EXPECT_EQ(daemon->get("/nowhere").status, 404);
  auto told = [&] { return read_text(dir_ / kStatus).find("\"next_at\": \"") != std::string::npos; };
  EXPECT_TRUE(eventually(told)) << "the page must know when to ask again";
}

TEST_F(DaemonTest, shows_each_poll_on_its_page_and_in_its_status) {
  auto daemon = run();
  ASSERT_TRUE(published(*daemon));
  auto page = daemon->get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.header("Content-Type"), HasSubstr("text/html"));
  EXPECT_THAT(page.body, AllOf(HasSubstr("wait-times"), HasSubstr("published")));
  auto status_of = [&] {
    return parsed(daemon->get("/status.json").body).at("polls").as_array().at(0).as_object();
  };
  auto poll = status_of();
  EXPECT_EQ(poll.at("name"), "wait-times");
  EXPECT_EQ(poll.at("state"), "published");
  EXPECT_TRUE(poll.at("last_error").is_null());
  EXPECT_TRUE(poll.at("next_run").is_string());
}

TEST_F(DaemonTest, shows_the_error_of_a_poll_that_fails) {
  api_.fault({{"match", "/call/"}, {"fault", "html"}});
  auto daemon = run();
  ASSERT_TRUE(daemon->process().wait_for_output("\"outcome\":\"failed\""));
  EXPECT_THAT(daemon->get("/").body, AllOf(HasSubstr("failed"), HasSubstr("en_call: not JSON")));
  EXPECT_THAT(daemon->get("/status.json").body, HasSubstr("en_call: not JSON"));
  EXPECT_EQ(daemon->get("/healthz").status, 200) << "an upstream's fault is no reason to restart the poller";
  EXPECT_EQ(daemon->get(kPath).status, 404);
}

TEST_F(DaemonTest, serves_objects_as_a_browser_and_a_cache_want_them) {
  auto daemon = run();
  ASSERT_TRUE(published(*daemon));
  auto first = daemon->get(kPath, {{"Origin", "https://www.example.gov"}});
  EXPECT_EQ(first.header("Access-Control-Allow-Origin"), "*");
  EXPECT_THAT(first.header("Vary"), HasSubstr("Origin"));
  std::string etag(first.header("ETag"));
  ASSERT_FALSE(etag.empty());
  auto again = daemon->get(kPath, {{"If-None-Match", etag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_THAT(again.body, IsEmpty());
  EXPECT_EQ(again.header("ETag"), etag);
  auto part = daemon->get(kPath, {{"Range", "bytes=0-9"}});
  EXPECT_EQ(part.status, 200) << "ranges are off";
  EXPECT_EQ(part.body, object());
  EXPECT_EQ(part.header("Accept-Ranges"), "none");
}

TEST_F(DaemonTest, answers_the_preflight_of_a_page_that_sends_a_content_type) {
  auto daemon = run();
  ASSERT_TRUE(published(*daemon));
  net::HttpRequest preflight;
  preflight.method = "HEAD";
  preflight.url = daemon->url() + kPath;
  EXPECT_EQ(ask(preflight).status, 200);
  auto curl = run_program({{"curl", "-sS", "-i", "-X", "OPTIONS", "-H", "Origin: https://www.example.gov",
                            "-H", "Access-Control-Request-Method: GET", "-H",
                            "Access-Control-Request-Headers: content-type", daemon->url() + kPath},
                           {},
                           {}});
  EXPECT_THAT(curl.out, AllOf(HasSubstr(" 204 "), HasSubstr("Access-Control-Allow-Headers: content-type")));
}

TEST_F(DaemonTest, compresses_what_is_worth_it_under_another_tag) {
  replace("polls:\n",
          "polls:\n  big: { every: 1h, fetch: { from: contact-center, path: \"/big?bytes=5000\" } }\n");
  auto daemon = run();
  ASSERT_TRUE(daemon->process().wait_for_output("big: published"));
  net::HttpRequest request;
  request.url = daemon->url() + "/public/big.json";
  request.headers = {{"Accept-Encoding", "gzip"}};
  request.decompress = false;
  auto squeezed = ask(request);
  EXPECT_EQ(squeezed.header("Content-Encoding"), "gzip");
  EXPECT_THAT(squeezed.header("Vary"), HasSubstr("Accept-Encoding"));
  EXPECT_LT(squeezed.body.size(), 1000U);
  auto plain = daemon->get("/public/big.json", {{"Accept-Encoding", "identity"}});
  EXPECT_EQ(plain.body.size(), 5000U);
  EXPECT_NE(plain.header("ETag"), squeezed.header("ETag"));
}

TEST_F(DaemonTest, shows_the_public_nothing_but_objects) {
  auto daemon = run();
  ASSERT_TRUE(published(*daemon));
  for (const char* path : {"/public/../pollux.yaml", "/public/%2e%2e/pollux.yaml", "/public/..%2fpollux.yaml",
                           "/public/.pollux/1.0/waittime.json.headers", "/public//etc/passwd"}) {
    auto answer = daemon->get(path);
    EXPECT_THAT(answer.status, testing::AnyOf(400, 404)) << path;
    EXPECT_THAT(answer.body, Not(HasSubstr("upstreams"))) << path;
  }
  auto rebound = daemon->get("/status.json", {{"Host", "evil.example"}});
  EXPECT_EQ(rebound.status, 421);
}

TEST_F(DaemonTest, keeps_to_its_schedule) {
  variables_["POLL_EVERY"] = "300ms";
  auto daemon = run();
  auto five = [&] { return run_events(daemon->process().out()).size() >= 5; };
  EXPECT_TRUE(eventually(five));
  EXPECT_EQ(api_.stats().at("tokens"), 1) << "one token for all runs";
}

TEST_F(DaemonTest, does_not_run_again_after_a_restart_before_its_time) {
  {
    auto daemon = run();
    ASSERT_TRUE(published(*daemon));
    daemon->process().signal(SIGTERM);
    ASSERT_EQ(daemon->process().wait(), 0);
  }
  auto asked = api_.requests();
  auto again = run();
  ASSERT_EQ(again->get("/readyz").status, 200);
  EXPECT_EQ(again->get(kPath).status, 200) << "what was published is served at once";
  EXPECT_THAT(again->get("/status.json").body, HasSubstr("\"state\":\"published\""));
  again->process().signal(SIGTERM);
  EXPECT_EQ(again->process().wait(), 0);
  EXPECT_EQ(api_.requests(), asked);
  EXPECT_THAT(run_events(again->process().out()), IsEmpty());
}

TEST_F(DaemonTest, skips_a_run_while_the_one_before_it_is_under_way_and_says_so) {
  variables_["POLL_EVERY"] = "200ms";
  api_.fault({{"match", "/en-queue/mediatypes/call/"}, {"fault", "silence"}});
  auto daemon = run();
  ASSERT_TRUE(
      daemon->process().wait_for_output("wait-times: skipped: its run before this one has not ended"));
  auto events = run_events(daemon->process().out());
  EXPECT_EQ(text_of(events.back(), "outcome"), "skipped");
  EXPECT_EQ(text_of(events.back(), "reason"), "overlap");
  EXPECT_TRUE(eventually([&] {
    return daemon->get("/public/_status.json").body.find("the update before this one is still under way") !=
           std::string::npos;
  }));
  EXPECT_EQ(api_.stats().at("requests").at(kEnglishCalls), 1);
}

TEST_F(DaemonTest, lets_a_run_end_that_is_under_way_when_it_is_asked_to_stop) {
  api_.fault({{"match", "/en-queue/mediatypes/call/"}, {"fault", "delay"}, {"delay_ms", 1500}});
  auto daemon = run();
  wait_for_request(kEnglishCalls);
  daemon->process().signal(SIGTERM);
  EXPECT_TRUE(daemon->process().wait_for_output("stopping: 1 runs"));
  EXPECT_EQ(daemon->process().wait(), 0);
  EXPECT_EQ(text_of(run_event(daemon->process().out()), "outcome"), "published") << daemon->process().out();
  EXPECT_EQ(text_of(status(), "state"), "published") << "the status object is written before it ends";
  EXPECT_THAT(daemon->process().err(), IsEmpty());
}

TEST_F(DaemonTest, says_that_it_is_not_ready_while_it_drains) {
  api_.fault({{"match", "/en-queue/mediatypes/call/"}, {"fault", "delay"}, {"delay_ms", 4000}});
  auto daemon = run();
  wait_for_request(kEnglishCalls);
  daemon->process().signal(SIGTERM);
  ASSERT_TRUE(daemon->process().wait_for_output("stopping: "));
  EXPECT_EQ(daemon->get("/readyz").status, 503);
  EXPECT_EQ(daemon->get("/healthz").status, 200);
  EXPECT_EQ(daemon->process().wait(), 0);
}

TEST_F(DaemonTest, ends_at_once_at_the_second_signal_and_the_run_has_an_outcome) {
  api_.fault({{"match", "/en-queue/mediatypes/call/"}, {"fault", "silence"}});
  auto daemon = run();
  wait_for_request(kEnglishCalls);
  daemon->process().signal(SIGTERM);
  ASSERT_TRUE(daemon->process().wait_for_output("stopping: "));
  auto begun = std::chrono::steady_clock::now();
  daemon->process().signal(SIGTERM);
  EXPECT_EQ(daemon->process().wait(), 0);
  // The first signal alone would wait ten seconds, as long as the answer may take.
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(8));
  EXPECT_EQ(text_of(run_event(daemon->process().out()), "outcome"), "skipped");
}

TEST_F(DaemonTest, leaves_no_worker_behind) {
  auto daemon = run();
  ASSERT_TRUE(published(*daemon));
  auto pid = std::to_string(daemon->process().pid());
  auto workers = run_program({{"pgrep", "-P", pid}, {}, {}});
  ASSERT_EQ(workers.exit, 0) << "no worker to speak of";
  daemon->process().signal(SIGKILL);
  ASSERT_EQ(daemon->process().wait(), 128 + SIGKILL);
  std::string worker = workers.out.substr(0, workers.out.find('\n'));
  EXPECT_TRUE(eventually([&] {
    // Gone, or dead and waiting for init to notice.
    auto state = read_text("/proc/" + worker + "/stat");
    return state.empty() || state.find(") Z ") != std::string::npos;
  }));
}

TEST_F(DaemonTest, refuses_a_port_that_is_taken_and_says_what_to_do) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor taken(io, {boost::asio::ip::address_v4::loopback(), 0});
  variables_["LISTEN"] = "127.0.0.1:" + std::to_string(taken.local_endpoint().port());
  auto done = pollux({"run"});
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(done.err, AllOf(HasSubstr(variables_["LISTEN"]), HasSubstr("listen:")));
  EXPECT_EQ(api_.requests(), 0);
}

TEST_F(DaemonTest, refuses_a_state_file_that_another_instance_uses) {
  auto daemon = run();
  ASSERT_TRUE(published(*daemon));
  for (const char* command : {"run", "once"}) {
    auto second = pollux({command});
    EXPECT_EQ(second.exit, 1) << command;
    EXPECT_THAT(second.err, AllOf(HasSubstr("another pollux is using"), HasSubstr("state.db")));
    EXPECT_THAT(run_events(second.out), IsEmpty());
  }
}

TEST_F(DaemonTest, goes_on_as_before_at_a_hangup_and_says_so) {
  variables_["POLL_EVERY"] = "300ms";
  auto daemon = run();
  ASSERT_TRUE(published(*daemon));
  daemon->process().signal(SIGHUP);
  EXPECT_TRUE(daemon->process().wait_for_output("SIGHUP: this version does not reload its file"));
  auto runs = run_events(daemon->process().out()).size();
  EXPECT_TRUE(eventually([&] { return run_events(daemon->process().out()).size() > runs; }));
  EXPECT_TRUE(daemon->process().running());
}

}  // namespace
}  // namespace pollux::test

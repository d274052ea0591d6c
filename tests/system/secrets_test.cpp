// SPDX-License-Identifier: Apache-2.0
// Promise 3, no leak: marked secrets in every place that takes one, every kind of failure, every level of the
// log; then a search through all that the program says, shows, stores and is called with.
#include <gmock/gmock.h>

#include <set>
#include <sstream>

#include "tests/support/radosgw.hpp"
#include "tests/support/recording_proxy.hpp"
#include "tests/system/call_center.hpp"
#include "tests/system/markers.hpp"
#include "tests/system/secret_places.hpp"

namespace pollux::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;

// A header of an upstream may hold neither quotes nor line breaks; all else is in it.
const Words kNames{"header", "extra", "query", "basic", "bearer", "oauth",
                   "proxy",  "file",  "vars",  "s3",    "session"};

class SecretsTest : public CallCenter {
 protected:
  SecretsTest()
      : api_with_secrets_({"--client-secret", marker("oauth"), "--api-key", marker("header"), "--user",
                           "someone", "--password", marker("basic")}) {
    for (const auto& name : kNames) secrets_.push_back(marker(name));
  }

  void SetUp() override {
    dir_.write("secret.txt", marker("file") + "\n");
    dir_.write("number.schema.json", R"({"type": "integer"})");
    for (const auto& name : kNames) variables_["V_" + name] = marker(name);
    // By its name alone: it stands where anything may stand.
    variables_["VARS_API_KEY"] = marker("vars");
    variables_["API"] = api_with_secrets_.url();
    variables_["API_HOST"] = api_with_secrets_.address();
    variables_["DEAD"] = "127.0.0.1:" + std::to_string(free_port());
    // The password as it stands in an address.
    variables_["PROXY"] =
        "http://poller:" + percent_encoded_proxy_password() + "@127.0.0.1:" + std::to_string(proxy_.port());
    variables_["DEAD_PROXY"] = "http://poller:" + percent_encoded_proxy_password() + "@" + variables_["DEAD"];
    write(file_with_secrets());
    misbehave();
  }

  static std::string percent_encoded_proxy_password() { return forms_of(marker("proxy")).at(1); }

  void misbehave() const {
    auto rule = [](const char* match, const char* fault, int status) {
      return json::object{{"match", match}, {"fault", fault}, {"status", status}};
    };
    auto leaves = rule("leaves", "redirect_elsewhere", 302);
    leaves["to"] = "http://elsewhere.invalid/?k=" + forms_of(marker("query")).at(1);
    api_with_secrets_.fault(
        json::array{rule("unauthorized", "status", 401), rule("forbidden", "status", 403),
                    rule("yes-told", "echo_secret", 200), rule("told", "echo_secret", 400),
                    rule("cut", "cut_json", 200), rule("twice", "two_documents", 200), leaves,
                    rule("token?refuse", "echo_secret", 401), rule("some-bucket", "echo_secret", 403)});
  }

  /// All that was secret up to now, tokens too.
  Words secrets() const {
    Words all = secrets_;
    auto tokens = json::value_to<Words>(api_with_secrets_.stats().at("tokens_issued"));
    all.insert(all.end(), tokens.begin(), tokens.end());
    return all;
  }

  /// Every file that the program wrote; the file with the secret is the test's own.
  void expect_clean_files() const {
    std::size_t files = 0;
    for (const char* folder : {"public", ".pollux"}) {
      for (const auto& file : std::filesystem::recursive_directory_iterator(dir_ / folder)) {
        if (!file.is_regular_file()) continue;
        ++files;
        EXPECT_THAT(found_in(read_text(file.path()), secrets()), IsEmpty()) << file.path();
      }
    }
    EXPECT_GE(files, 6U);
  }

  static std::set<std::string> reasons(const std::string& out) {
    std::set<std::string> all;
    for (const auto& event : run_events(out)) all.insert(text_of(event, "reason"));
    return all;
  }

  SampleApi api_with_secrets_;
  RecordingProxy proxy_{"poller:" + marker("proxy")};
  Words secrets_;
};

class SecretsAtLevel : public SecretsTest, public testing::WithParamInterface<const char*> {};

TEST_P(SecretsAtLevel, never_appear_in_what_is_logged_published_or_remembered) {
  // The bucket is an API that shows what it was sent.
  variables_["S3_ENDPOINT"] = api_with_secrets_.url();
  for (const char* format : {"json", "text"}) {
    write("log: { format: " + std::string(format) + " }\n" + file_with_secrets());
    auto done = once({"--log-level", GetParam()});
    EXPECT_EQ(done.exit, 1);
    EXPECT_THAT(found_in(done.out, secrets()), IsEmpty());
    EXPECT_THAT(found_in(done.err, secrets()), IsEmpty());
    EXPECT_THAT(done.out, HasSubstr("vars-thrown"));
  }
  expect_clean_files();
}

INSTANTIATE_TEST_SUITE_P(, SecretsAtLevel, testing::Values("debug", "info", "warning", "error"),
                         [](const auto& tested) { return tested.param; });

// The first bytes of each answer are logged at debug; here each answer is what the API was sent.
using Complaint = SecretsTest;
TEST_F(Complaint, beats_41920_secrets_stood_in_debug_logs) {
  auto done = once({"--log-level", "debug", "header-echo", "bearer-echo", "query-echo", "good-oauth"});
  std::size_t shown = 0;
  for (const auto& line : log_lines(done.out)) {
    if (text_of(line, "event") != "answer") continue;
    if (text_of(line, "poll").ends_with("-echo")) {
      ++shown;
      EXPECT_THAT(text_of(line, "message"), HasSubstr("***"));
    }
    EXPECT_THAT(found_in(json::serialize(line), secrets()), IsEmpty());
  }
  EXPECT_EQ(shown, 3U) << "the answers have to be in the log, or nothing was looked at: " << done.out;
}

// Without this the search above could be a search where nothing ever happened.
TEST_F(SecretsTest, were_used_and_every_kind_of_failure_was_met) {
  variables_["S3_ENDPOINT"] = api_with_secrets_.url();
  auto done = once();
  EXPECT_THAT(reasons(done.out),
              IsSupersetOf({"unauthorized", "forbidden", "status", "network", "proxy", "tls", "redirect",
                            "truncated", "malformed", "transform", "rejected", "storage"}));
  for (const char* good : {"good-key", "good-basic", "good-oauth", "good-proxied"}) {
    EXPECT_EQ(text_of(run_event(done.out, good), "outcome"), "published") << done.out;
  }
  EXPECT_THAT(done.out, HasSubstr("***")) << "something had to be hidden";
  EXPECT_THAT(proxy_.requests(), testing::Contains("CONNECT " + api_with_secrets_.address()));
  for (const auto& upstream : {"header", "extra", "query", "basic", "bearer", "file", "oauth", "proxied"}) {
    for (const auto& kind : {"echo", "told200", "coded"}) {
      auto event = run_event(done.out, std::string(upstream) + "-" + kind);
      EXPECT_EQ(text_of(event, "reason"), "rejected")
          << upstream << "-" << kind << ": a secret was published";
    }
  }
  EXPECT_EQ(text_of(run_event(done.out, "vars-shown"), "reason"), "rejected");
  EXPECT_EQ(text_of(run_event(done.out, "vars-sent"), "reason"), "rejected");
}

TEST_F(SecretsTest, never_appear_on_the_daemons_pages_or_in_the_process_list) {
  variables_["S3_ENDPOINT"] = api_with_secrets_.url();
  auto daemon = run({"--log-level", "debug"});
  const std::size_t polls_there = polls_with_secrets();
  ASSERT_TRUE(eventually([&] { return run_events(daemon->process().out()).size() >= polls_there; },
                         std::chrono::seconds(120)));
  auto pid = std::to_string(daemon->process().pid());
  auto listed = run_program({{"pgrep", "-P", pid}, {}, {}});
  ASSERT_EQ(listed.exit, 0) << "no worker to look at";
  EXPECT_THAT(found_in(read_text("/proc/" + pid + "/cmdline"), secrets()), IsEmpty());
  std::istringstream workers(listed.out);
  for (std::string worker; workers >> worker;) {
    EXPECT_THAT(found_in(read_text("/proc/" + worker + "/cmdline"), secrets()), IsEmpty());
    EXPECT_EQ(read_text("/proc/" + worker + "/environ"), "");
  }
  for (const char* path :
       {"/", "/status.json", "/healthz", "/readyz", "/public/_status.json", "/public/good-key.json"}) {
    auto answer = daemon->get(path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_THAT(found_in(answer.body, secrets()), IsEmpty()) << path;
  }
  EXPECT_THAT(daemon->get("/").body, HasSubstr("vars-thrown"));
  daemon->process().signal(SIGTERM);
  EXPECT_EQ(daemon->process().wait(), 0);
  EXPECT_THAT(found_in(daemon->process().out() + daemon->process().err(), secrets()), IsEmpty());
  expect_clean_files();
}

TEST_F(SecretsTest, never_appear_when_a_real_s3_server_refuses_them) {
  POLLUX_NEEDS_RADOSGW();
  variables_["S3_ENDPOINT"] = shared_radosgw().server->endpoint();
  auto done = once({"stored", "--log-level", "debug"});
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(text_of(run_event(done.out), "message"), HasSubstr("403"));
  EXPECT_THAT(found_in(done.out + done.err, secrets()), IsEmpty());
}

TEST_F(SecretsTest, never_appear_when_the_file_is_wrong) {
  const Words wrong{
      "upstreams: { a: { url: \"http://x\", proxy: \"ftp://user:${V_proxy}@host\" } }\n",
      "upstreams: { a: { url: \"http://x\", proxy: \"http://user:${V_proxy}@host/path\" } }\n",
      "upstreams: { a: { url: \"http://user:${V_basic}@x\" } }\n",
      "upstreams: { a: { url: \"http://x\", auth: { bearer: { \"${V_bearer}\": 1 } } } }\n",
      "upstreams: { a: { url: \"http://x\", auth: { basic: { user: u, pasword: \"${V_basic}\" } } } }\n",
      "upstreams: { a: { url: \"http://x\", timeout: \"${VARS_API_KEY}\" } }\n",
      "upstreams: { a: { url: \"http://x\", timeout: \"${file:secret.txt}\" } }\n",
      "upstreams: { a: { url: \"http://x\", redirects: \"${file:secret.txt}\" } }\n",
      "upstreams: { a: { url: \"http://x\", retry: { attempts: \"${file:secret.txt}\" } } }\n",
      "upstreams: { a: { url: \"http://x\", headers: { \"X Y\": \"${V_extra}\" } } }\n",
      "state: [ \"${file:secret.txt}\" ]\n",
      "listen: \"${file:secret.txt}\"\n",
      "stores: { s: { s3: { bucket: \"${file:secret.txt}\", secret_access_key: \"${V_s3}\" } } }\n"};
  for (const auto& text : wrong) {
    write(text + "polls: { p: { every: 1h, fetch: { from: nobody } } }\n");
    for (const char* command : {"check", "once"}) {
      auto done = pollux({command});
      EXPECT_EQ(done.exit, 2) << text;
      EXPECT_THAT(found_in(done.out + done.err, secrets_), IsEmpty()) << text;
    }
  }
}

}  // namespace
}  // namespace pollux::test

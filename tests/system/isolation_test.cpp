// SPDX-License-Identifier: Apache-2.0
// jq is a language and not a sandbox: what one poll's program does must not touch its neighbours.
#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tests/system/call_center.hpp"

namespace pollux::test {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::ContainsRegex;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kFile = R"(listen: 127.0.0.1:0
upstreams:
  api: { url: "${CALL_CENTER_API}", retry: { attempts: 1 } }
polls:
  good-one: { every: 300ms, fetch: { from: api, path: /echo }, transform: { jq: "{path, at: now}" } }
  good-two: { every: 300ms, fetch: { from: api, path: /echo }, transform: { jq: "{method, at: now}" } }
  endless:
    every: 300ms
    fetch: { from: api, path: /echo }
    transform: { jq: "def f: f; f", timeout: 500ms }
  exploding:
    every: 300ms
    fetch: { from: api, path: /echo }
    transform: { jq: "[range(1e9)]", timeout: 3s, memory: 64MiB }
)";

class IsolationTest : public CallCenter {
 protected:
  void SetUp() override {
    CallCenter::SetUp();
    write(kFile);
  }

  static std::size_t count(Daemon& daemon, const std::string& poll, const std::string& outcome) {
    auto events = run_events(daemon.process().out(), poll);
    return static_cast<std::size_t>(std::ranges::count_if(
        events, [&](const auto& event) { return text_of(event, "outcome") == outcome; }));
  }

  static Words children(const Process& parent) {
    auto listed = run_program({{"pgrep", "-P", std::to_string(parent.pid())}, {}, {}});
    std::istringstream in(listed.out);
    Words pids;
    for (std::string pid; in >> pid;) pids.push_back(pid);
    return pids;
  }
};

TEST_F(IsolationTest, lets_good_polls_publish_while_others_misbehave) {
  auto daemon = run();
  const std::size_t enough = kSanitized ? 3 : 6;
  auto both = [&] {
    return count(*daemon, "good-one", "published") >= enough &&
           count(*daemon, "good-two", "published") >= enough && count(*daemon, "endless", "failed") >= 2 &&
           count(*daemon, "exploding", "failed") >= 2;
  };
  EXPECT_TRUE(eventually(both, std::chrono::seconds(90))) << daemon->process().out();
  EXPECT_EQ(count(*daemon, "good-one", "failed") + count(*daemon, "good-two", "failed"), 0U);
  EXPECT_EQ(count(*daemon, "good-one", "kept") + count(*daemon, "good-two", "kept"), 0U);
  EXPECT_EQ(parsed(read_text(dir_ / "public/good-one.json")).at("path"), "/echo");
  EXPECT_EQ(daemon->get("/healthz").status, 200);
  daemon->process().signal(SIGTERM);
  EXPECT_EQ(daemon->process().wait(), 0);
}

TEST_F(IsolationTest, ends_the_bad_ones_with_the_reason) {
  auto done = once({"endless", "exploding"});
  EXPECT_EQ(done.exit, 1);
  auto endless = run_event(done.out, "endless");
  EXPECT_EQ(text_of(endless, "outcome"), "failed");
  EXPECT_EQ(text_of(endless, "reason"), "transform");
  EXPECT_THAT(text_of(endless, "message"), HasSubstr("the program ran longer than 500 ms"));
  auto exploding = run_event(done.out, "exploding");
  EXPECT_EQ(text_of(exploding, "reason"), "transform");
  // Under a sanitizer the address space cannot be limited, but time can.
  EXPECT_THAT(text_of(exploding, "message"), AnyOf(HasSubstr("the program used more than 64 MiB"),
                                                   HasSubstr("the program ran longer than 3.0 s"),
                                                   HasSubstr("the program ran longer than 3 s")));
}

TEST_F(IsolationTest, keeps_the_object_of_a_program_that_went_bad) {
  dir_.write("pollux.yaml", std::string(kFile) +
                                "  turning:\n    every: 1h\n    fetch: { from: api, path: /echo }\n" +
                                "    transform: { jq: \"{method}\", timeout: 500ms }\n");
  ASSERT_EQ(once({"turning"}).exit, 0);
  auto before = read_text(dir_ / "public/turning.json");
  replace("jq: \"{method}\"", "jq: \"def f: f; f\"");
  auto kept = once({"turning"});
  EXPECT_EQ(text_of(run_event(kept.out), "outcome"), "kept");
  EXPECT_EQ(read_text(dir_ / "public/turning.json"), before);
}

TEST_F(IsolationTest, gives_workers_no_environment_no_network_and_nothing_to_open) {
  variables_["SOME_API_KEY"] = "isolation-marker-value";
  auto daemon = run();
  ASSERT_TRUE(daemon->process().wait_for_output("good-one: published"));
  std::size_t looked_at = 0;
  auto look_at = [&](const std::string& pid) {
    std::string folder = "/proc/" + pid;
    std::string cmdline = read_text(folder + "/cmdline");
    std::string environment = read_text(folder + "/environ");
    std::string limits = read_text(folder + "/limits");
    // Read last: who still has memory now had it when the others were read. A worker may be killed at any
    // time here.
    std::string status = read_text(folder + "/status");
    bool alive = status.find("VmSize:") != std::string::npos;
    if (!alive || status.find("Seccomp:\t0") != std::string::npos) return;  // just ended, or just begun
    ++looked_at;
    EXPECT_THAT(status, HasSubstr("Seccomp:\t2")) << "a filter of system calls";
    EXPECT_THAT(status, HasSubstr("NoNewPrivs:\t1"));
    EXPECT_EQ(cmdline, std::string("pollux\0jq-worker\0", 17));
    // Who is not root cannot even look: the worker is not dumpable.
    EXPECT_THAT(environment, IsEmpty());
    if (!limits.empty()) {
      EXPECT_THAT(limits, ContainsRegex("Max open files +4 +4 "));
    }
  };
  eventually([&] {
    for (const std::string& pid : children(daemon->process())) look_at(pid);
    return looked_at > 0;
  });
  EXPECT_GE(looked_at, 1U);
}

TEST_F(IsolationTest, shows_a_program_neither_environment_nor_files) {
  variables_["SOME_API_KEY"] = "isolation-marker-value";
  write(
      "upstreams:\n  api: { url: \"${CALL_CENTER_API}\" }\npolls:\n  nosy:\n    every: 1h\n"
      "    fetch: { from: api, path: /echo }\n    transform: { jq: \"{environment: (env | length), same: "
      "($ENV | length), "
      "key: env.SOME_API_KEY, module: (try (\\\"/etc/passwd\\\" | modulemeta) catch \\\"refused\\\")}\" }\n");
  auto done = once();
  ASSERT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_EQ(read_text(dir_ / "public/nosy.json"),
            R"({"environment":0,"same":0,"key":null,"module":"refused"})");
}

TEST_F(IsolationTest, goes_on_when_its_workers_are_killed) {
  auto daemon = run();
  ASSERT_TRUE(daemon->process().wait_for_output("good-one: published"));
  for (const std::string& pid : children(daemon->process())) ::kill(std::stoi(pid), SIGKILL);
  auto before = count(*daemon, "good-one", "published");
  EXPECT_TRUE(eventually([&] { return count(*daemon, "good-one", "published") > before; }));
}

}  // namespace
}  // namespace pollux::test

// SPDX-License-Identifier: Apache-2.0
// A thousand runs against an upstream that answers badly by chance, by a daemon that is killed in between,
// while readers read all that is public all the time.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "poll/check/schema.hpp"
#include "tests/system/call_center.hpp"

namespace pollux::test {
namespace {

using testing::Contains;
using testing::IsEmpty;

constexpr int kPolls = 20;
constexpr std::size_t kRuns = kSanitized ? 200 : 1000;
constexpr int kKills = 4;
const std::set<std::string> kOutcomes{"published", "unchanged", "kept", "failed", "skipped"};

// Reads every object as fast as it can, until it is stopped, and collects what should never have been there.
class Reader {
 public:
  Reader(std::filesystem::path folder, check::Schema schema)
      : folder_(std::move(folder)), schema_(std::move(schema)), thread_([this] { work(); }) {}
  ~Reader() { stop(); }

  void stop() {
    stopped_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::size_t seen() const { return seen_; }
  const Words& faults() const { return faults_; }  // after stop()

 private:
  void work() {
    while (!stopped_) {
      for (int i = 0; i < kPolls; ++i) look_at("waits-" + std::to_string(i) + ".json");
      look_at("_status.json");
    }
  }

  // A file is there from its first publication on, and then for good; each time whole.
  void look_at(const std::string& name) {
    std::ifstream in(folder_ / name, std::ios::binary);
    if (!in) {
      if (known_.contains(name)) fault(name + " is gone");
      return;
    }
    std::string text(std::istreambuf_iterator<char>(in), {});
    known_.insert(name);
    ++seen_;
    boost::system::error_code error;
    json::parse(text, error);
    if (error) return fault(name + " is no JSON: " + text);
    if (name == "_status.json") return;
    if (auto fits = schema_.validate(text); !fits) fault(name + ": " + fits.error().message);
  }

  void fault(std::string what) {
    if (faults_.size() < 10) faults_.push_back(std::move(what));
  }

  std::filesystem::path folder_;
  check::Schema schema_;
  std::set<std::string> known_;
  std::atomic<std::size_t> seen_ = 0;
  std::atomic<bool> stopped_ = false;
  Words faults_;
  std::thread thread_;
};

class ChaosTest : public CallCenter {
 protected:
  void SetUp() override {
    CallCenter::SetUp();
    std::string yaml = read_text(dir_ / "pollux.yaml");
    auto poll_at = yaml.find("  wait-times:");
    std::string poll = yaml.substr(poll_at);
    yaml.resize(poll_at);
    for (int i = 0; i < kPolls; ++i) {
      std::string one = poll;
      swap(one, "wait-times:", "waits-" + std::to_string(i) + ":");
      swap(one, "path: 1.0/waittime.json", "path: waits-" + std::to_string(i) + ".json");
      yaml += one;
    }
    write(yaml);
    replace("concurrency: 4", "concurrency: 40");
    replace("timeout: 10s", "timeout: { connect: 5s, total: 5s, stall: 2s }\n    max_answer: 1MiB");
    variables_["POLL_EVERY"] = "200ms";
    seed_ = std::random_device()();
    RecordProperty("seed", std::to_string(seed_));
  }

  static void swap(std::string& text, const std::string& what, const std::string& with) {
    auto at = text.find(what);
    ASSERT_NE(at, std::string::npos) << what;
    text.replace(at, what.size(), with);
  }

  check::Schema schema() const {
    auto compiled = check::Schema::compile(read_text(dir_ / "wait-times.schema.json"), "wait-times");
    return compiled.value();
  }

  // Each fifth answer is bad: of a run's four, so that about 40 of 100 runs succeed.
  void begin_chaos() const {
    api_.fault({{"match", "estimatedwaittime"}, {"fault", "any"}, {"probability", 0.2}, {"seed", seed_}});
  }

  std::uint32_t seed_ = 0;
};

/// How many runs have begun and ended.
std::size_t begun(const std::string& out) {
  auto events = run_events(out);
  return static_cast<std::size_t>(std::ranges::count_if(
      events, [](const auto& event) { return text_of(event, "outcome") != "skipped"; }));
}

/// What ended with an outcome, as the log of one daemon says; each event is checked.
std::size_t outcomes(const std::string& out, std::map<std::string, std::size_t>& tally) {
  auto events = run_events(out);
  for (const auto& event : events) {
    auto outcome = text_of(event, "outcome");
    EXPECT_THAT(kOutcomes, Contains(outcome)) << json::serialize(event);
    bool bad = outcome == "kept" || outcome == "failed";
    EXPECT_EQ(bad, !text_of(event, "reason").empty() && outcome != "skipped") << json::serialize(event);
    ++tally[outcome];
  }
  return events.size();
}

TEST_F(ChaosTest, never_shows_a_reader_anything_but_whole_and_checked_objects) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  ASSERT_EQ(once().exit, 0);  // before the storm: a last good object for each
  begin_chaos();
  Reader first(dir_ / "public", schema());
  Reader second(dir_ / "public", schema());
  std::map<std::string, std::size_t> tally;
  std::size_t ended = 0;
  for (int life = 0; life <= kKills; ++life) {
    auto daemon = run();
    ASSERT_FALSE(daemon->url().empty());
    const std::size_t enough = kRuns / (kKills + 1) + 1;
    // Not those that were skipped: on a slow machine they are most of them.
    auto busy = [&] { return begun(daemon->process().out()) >= enough; };
    ASSERT_TRUE(eventually(busy, std::chrono::seconds(120)));
    daemon->process().signal(life < kKills ? SIGKILL : SIGTERM);
    EXPECT_EQ(daemon->process().wait(), life < kKills ? 128 + SIGKILL : 0);
    ended += outcomes(daemon->process().out(), tally);
  }
  first.stop();
  second.stop();
  EXPECT_THAT(first.faults(), IsEmpty());
  EXPECT_THAT(second.faults(), IsEmpty());
  EXPECT_GT(first.seen() + second.seen(), kRuns);
  EXPECT_GE(ended, kRuns);
  EXPECT_GE(tally["published"], kRuns / 10) << "too much of a storm to prove anything";
  EXPECT_GE(tally["kept"], kRuns / 10) << "no storm";
  EXPECT_EQ(tally["failed"], 0U) << "each had an object to keep";
  EXPECT_GE(api_.stats().at("faults").to_number<std::size_t>(), tally["kept"]);
  // Nothing is left of the killed ones: no lock, no temporary file.
  api_.heal();
  auto after = once();
  EXPECT_EQ(after.exit, 0) << after.out << after.err;
  for (const auto& file : std::filesystem::recursive_directory_iterator(dir_ / "public")) {
    auto name = file.path().filename().string();
    bool known = file.is_directory() || name.ends_with(".json") || name.ends_with(".json.headers");
    EXPECT_TRUE(known) << file.path();
  }
}

TEST_F(ChaosTest, gives_each_run_that_was_begun_exactly_one_outcome) {
  begin_chaos();
  const int rounds = kSanitized ? 4 : 10;
  for (int round = 0; round < rounds; ++round) {
    auto done = once();
    std::map<std::string, std::size_t> tally;
    EXPECT_EQ(outcomes(done.out, tally), static_cast<std::size_t>(kPolls));
    EXPECT_EQ(done.exit, tally["published"] + tally["unchanged"] == kPolls ? 0 : 1);
    std::set<std::string> polls;
    for (const auto& event : run_events(done.out)) polls.insert(text_of(event, "poll"));
    EXPECT_EQ(polls.size(), static_cast<std::size_t>(kPolls)) << "one for each";
  }
}

}  // namespace
}  // namespace pollux::test

// SPDX-License-Identifier: Apache-2.0
// The main job, over and over: takes a pollux.yaml, runs its polls back to back through the same Runtime and
// PollRunner that the daemon uses, and says what a poll costs. Every run is made to publish. Logs go where
// they always go, to standard output; what was measured goes to standard error, as one JSON object.
#include <fmt/format.h>
#include <signal.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>
#include <numeric>

#include "app/poll_runner.hpp"
#include "bench/cpu_meter.hpp"
#include "net/task_group.hpp"
#include "poll/transform/worker_main.hpp"

namespace pollux::bench {
namespace {

using std::chrono::steady_clock;

struct Options {
  std::string file;
  std::size_t at_once = 32;
  Millis warm_up = std::chrono::seconds(1);
  Millis measure = std::chrono::seconds(4);
};

struct Counts {
  std::size_t runs = 0;
  std::size_t published = 0;
};

class MainJob {
 public:
  MainJob(app::Runtime& runtime, const Options& options)
      : runtime_(runtime),
        options_(options),
        runner_(runtime),
        tasks_(runtime.io.get_executor(), options.at_once + 8,
               [this](const std::string& what) { fault_ = what; }) {}

  Task<> run() {
    for (auto& [name, writer] : runner_.status_writers()) spawn(writer->work());
    std::vector<std::string> names;
    for (const auto& [name, state] : runtime_.board.polls()) names.push_back(name);
    for (std::size_t i = 0; i < options_.at_once; ++i) {
      std::vector<std::string> own;
      for (std::size_t j = i; j < names.size(); j += options_.at_once) own.push_back(names[j]);
      if (!own.empty()) spawn(run_in_turn(std::move(own)));
    }
    co_await pause(options_.warm_up);
    const Counts counts = counts_;
    const CpuTime cpu = now();
    const auto begun = steady_clock::now();
    co_await pause(options_.measure);
    report({counts_.runs - counts.runs, counts_.published - counts.published}, now().since(cpu),
           steady_clock::now() - begun);
    ending_ = true;
    co_await pause(Millis(200));
    tasks_.cancel_all();
    co_await tasks_.join();
  }

  const std::string& fault() const { return fault_; }

 private:
  void spawn(Task<> task) {
    if (!tasks_.spawn(std::move(task))) fault_ = "more tasks than there is room for";
  }

  Task<> pause(Millis duration) {
    asio::steady_timer timer(runtime_.io, duration);
    co_await timer.async_wait(asio::use_awaitable);
  }

  Task<> run_in_turn(std::vector<std::string> polls) {
    while (!ending_) {
      for (const std::string& poll : polls) {
        // Forgotten what was written last, everything is new; and each run works for a second of its own.
        runtime_.board.at(poll).record.objects.clear();
        const Time at = begun_at_ + std::chrono::seconds(counts_.runs);
        auto outcome = co_await runner_.run(poll, at);
        ++counts_.runs;
        if (outcome == poll::Outcome::kPublished) ++counts_.published;
      }
    }
  }

  CpuTime now() const {
    std::vector<pid_t> workers;
    for (const auto& worker : runtime_.programs.stats()) workers.push_back(worker.pid);
    return cpu_time(workers);
  }

  void report(const Counts& counts, const CpuTime& cpu, Nanos wall) const {
    auto each = [&](Nanos time) {
      return static_cast<double>(time.count()) / 1e3 / static_cast<double>(counts.runs);
    };
    auto a_second = [&](Nanos time) {
      return static_cast<double>(counts.runs) * 1e9 / static_cast<double>(time.count());
    };
    fmt::print(stderr,
               R"({{"runs":{},"published":{},"polls_a_cpu_second":{:.0f},"polls_a_wall_second":{:.0f},)"
               R"("us":{:.1f},"us_io_thread":{:.1f},"us_other_threads":{:.1f},"us_workers":{:.1f},)"
               R"("us_user":{:.1f},"us_system":{:.1f},"switches":{:.2f}}})"
               "\n",
               counts.runs, counts.published, a_second(cpu.total()), a_second(wall), each(cpu.total()),
               each(cpu.io_thread), each(cpu.other_threads), each(cpu.workers), each(cpu.user),
               each(cpu.system), static_cast<double>(cpu.switches) / static_cast<double>(counts.runs));
  }

  app::Runtime& runtime_;
  Options options_;
  app::PollRunner runner_;
  net::TaskGroup tasks_;
  Counts counts_;
  Time begun_at_ = SystemClock().now();
  std::string fault_;
  bool ending_ = false;
};

int fail_with(std::string_view what) {
  fmt::print(stderr, "bench_main_job: {}\n", what);
  return 1;
}

int measure(const Options& options) {
  const auto environment = config::process_environment();
  auto loaded = config::load(options.file, environment);
  if (!loaded) return fail_with(loaded.error().front().text());
  auto runtime = app::Runtime::make(std::move(loaded->file), std::nullopt);
  if (!runtime) return fail_with(runtime.error().text());
  auto faults = (*runtime)->verify(environment);
  if (!faults) return fail_with(faults.error().text());
  if (!faults->empty()) return fail_with(faults->front().text());

  MainJob job(**runtime, options);
  std::exception_ptr thrown;
  auto done = [&](std::exception_ptr e) {
    thrown = e;
    (*runtime)->io.stop();
  };
  asio::co_spawn((*runtime)->io, job.run(), done);
  (*runtime)->io.run();
  if (thrown) std::rethrow_exception(thrown);
  return job.fault().empty() ? 0 : fail_with(job.fault());
}

}  // namespace
}  // namespace pollux::bench

int main(int argc, char** argv) {
  using namespace pollux;
  if (argc == 2 && std::strcmp(argv[1], "jq-worker") == 0)
    return transform::worker_main(transform::kWorkerFd);
  if (argc < 2 || argc > 4) return bench::fail_with("usage: bench_main_job FILE [SECONDS [AT_ONCE]]");
  signal(SIGPIPE, SIG_IGN);
  bench::Options options{argv[1]};
  auto number = [&](int at, unsigned long otherwise) {
    unsigned long value = otherwise;
    if (at < argc) std::from_chars(argv[at], argv[at] + std::strlen(argv[at]), value);
    return value;
  };
  options.measure = std::chrono::seconds(number(2, 4));
  options.at_once = number(3, 32);
  return bench::measure(options);
}

// SPDX-License-Identifier: Apache-2.0
#include "plan/plan.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>

#include "app/exit_code.hpp"
#include "base/units.hpp"
#include "cli/commands.hpp"
#include "plan/simulate.hpp"
#include "plan/write_plan.hpp"

namespace pollux::cli {
namespace {

// Beyond it the plan does not look, and its bound does not hold.
constexpr Millis kLongest = std::chrono::days(366);

struct PlanOptions {
  FileOptions file;
  std::string format = "text";
  std::string at;
  std::uint64_t pages = 1;
  std::string token_life = "1h";
  std::string simulate;  // empty: no
  std::string faults = "0%";
  std::string not_modified = "0%";
  std::string latency = "200ms";
  std::uint64_t seed = 1;
};

std::unexpected<Error> wrong(std::string_view flag, const std::string& found, std::string_view expected) {
  return fail(ErrorKind::kUsage, fmt::format("{} {}: {}", flag, found, expected));
}

std::optional<double> parse_share(const std::string& text) {
  double percent = 0;
  const char* end = text.data() + text.size();
  auto [stopped, error] = std::from_chars(text.data(), end, percent);
  if (error != std::errc() || stopped + 1 != end || *stopped != '%') return std::nullopt;
  if (!(percent >= 0 && percent <= 100)) return std::nullopt;
  return percent / 100;
}

Result<plan::SimulationOptions> simulation_of(const PlanOptions& options) {
  plan::SimulationOptions out;
  out.assumed.pages = options.pages;
  out.seed = options.seed;
  if (!options.simulate.empty()) {
    auto length = parse_duration(options.simulate);
    if (!length || *length > kLongest)
      return wrong("--simulate", options.simulate, "not a length of time up to 366d; write 7d or 12h");
    out.length = *length;
  }
  auto life = parse_duration(options.token_life);
  if (!life || *life < std::chrono::seconds(1) || *life > kLongest)
    return wrong("--token-life", options.token_life,
                 "not a length of time from 1s to 366d; write 1h or 300s");
  out.assumed.token_life = std::chrono::floor<std::chrono::seconds>(*life);
  auto faults = parse_share(options.faults);
  if (!faults) return wrong("--faults", options.faults, "not a share; write 5%");
  out.faults = *faults;
  auto not_modified = parse_share(options.not_modified);
  if (!not_modified) return wrong("--not-modified", options.not_modified, "not a share; write 50%");
  out.not_modified = *not_modified;
  auto latency = parse_duration(options.latency);
  if (!latency) return wrong("--latency", options.latency, "not a length of time; write 200ms");
  out.latency = *latency;
  return out;
}

int plan_file(const PlanOptions& options) {
  const auto simulation = simulation_of(options);
  if (!simulation) return print_error(simulation.error());
  const auto at = time_of(options.at);
  if (!at) return print_error(at.error());
  const Time now = at->value_or(SystemClock().now());
  auto loaded = config::load(options.file.file, config::process_environment());
  if (!loaded) {
    print_faults(loaded.error());
    return app::kExitUsage;
  }
  print_faults(loaded->warnings);
  const plan::Plan made = plan::make_plan(loaded->file, now, simulation->assumed);
  std::optional<plan::Simulation> simulated;
  if (!options.simulate.empty()) simulated = plan::simulate(loaded->file, now, *simulation);
  if (options.format == "json") {
    fmt::print("{}\n", plan::plan_json(made, simulated ? &*simulated : nullptr, *simulation));
  } else {
    fmt::print("{}{}", plan::plan_text(made),
               simulated ? plan::simulation_text(*simulated, *simulation) : "");
  }
  return made.verdict == plan::Verdict::kOver ? app::kExitOver : app::kExitWell;
}

}  // namespace

void add_plan(CLI::App& cli, Action& action) {
  auto options = std::make_shared<PlanOptions>();
  CLI::App* command = cli.add_subcommand(
      "plan",
      "How much each upstream will be asked, usually and at the worst, against its limits; asks nobody");
  options->file.add_to(*command, false);
  command->add_option("--format", options->format, "how it is printed")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->add_option("--pages", options->pages, "pages that a paged step usually has")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--token-life", options->token_life, "how long an access token is good for")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_option("--at", options->at, "as if at this time; now otherwise")->type_name("TIME");
  command
      ->add_option("--simulate", options->simulate,
                   "lives through so long a time (7d) on a clock of its own, against modelled upstreams")
      ->type_name("DURATION");
  command->add_option("--faults", options->faults, "of the simulated requests")
      ->type_name("PERCENT")
      ->capture_default_str();
  command->add_option("--not-modified", options->not_modified, "of the simulated conditional requests")
      ->type_name("PERCENT")
      ->capture_default_str();
  command->add_option("--latency", options->latency, "of the simulated upstreams")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_option("--seed", options->seed, "of the simulation's chances")
      ->type_name("N")
      ->capture_default_str();
  command->callback([options, &action] { action = [options] { return plan_file(*options); }; });
}

}  // namespace pollux::cli

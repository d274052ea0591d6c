// SPDX-License-Identifier: Apache-2.0
#include "plan/write_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <vector>

#include "base/counted.hpp"
#include "base/units.hpp"
#include "poll/fetch/pace/limit_window.hpp"

namespace pollux::plan {
namespace {

namespace json = boost::json;
using Row = std::array<std::string, 5>;

// The first two columns to the left, numbers to the right.
std::string table(const std::vector<Row>& rows) {
  std::array<std::size_t, 5> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const Row& row : rows) {
    std::string line = fmt::format("{:<{}}  {:<{}}  {:>{}}  {:>{}}  {}", row[0], widths[0], row[1], widths[1],
                                   row[2], widths[2], row[3], widths[3], row[4]);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

std::string_view words_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::kFits:
      return "fits";
    case Verdict::kTight:
      return "fits; not at the worst";
    case Verdict::kOver:
      break;
  }
  return "OVER";
}

std::string summary(const Plan& plan) {
  std::string out = fmt::format("usual: every slot runs, each request is answered at once");
  auto any = [&](auto has) { return std::ranges::any_of(plan.upstreams, has); };
  if (any([](const UpstreamPlan& one) { return one.paged; }))
    out += fmt::format(", {} for each paged step (--pages)", counted(plan.assumed.pages, "page"));
  out += "\nworst: all attempts, pages and renewals are used up, and runs drag on until their next slot\n";
  if (any([](const UpstreamPlan& one) { return one.tokens; }))
    out += fmt::format("both:  a token lives {} (--token-life)\n", format_duration(plan.assumed.token_life));
  return out;
}

std::string findings(const UpstreamPlan& upstream) {
  std::string out;
  for (const std::string& advice : upstream.advice)
    out += fmt::format("\n{}: over {}\n", upstream.name, advice);
  if (!upstream.most.empty()) {
    out += "  most is asked by";
    for (const PollUse& poll : upstream.most)
      out += fmt::format("{} {} ({} a day)", &poll == upstream.most.data() ? "" : ",", poll.poll, poll.a_day);
    out += '\n';
  }
  for (const LimitUse& limit : upstream.limits) {
    if (limit.verdict != Verdict::kTight) continue;
    out += fmt::format(
        "\nwarning: {}: {} holds usually, but {} could be asked for at the worst: runs then wait, or are "
        "skipped "
        "where their next slot comes first\n",
        upstream.name, fetch::limit_text(limit.limit), limit.use.worst);
  }
  return out;
}

json::object json_of(const Use& use) { return {{"usual", use.usual}, {"worst", use.worst}}; }

json::object json_of(const config::Limit& limit) {
  return {{"limit", fetch::limit_text(limit)}, {"requests", limit.requests}};
}

json::object json_of(const UpstreamPlan& upstream) {
  json::array limits;
  for (const LimitUse& one : upstream.limits) {
    json::object limit = json_of(one.limit);
    limit["usual"] = one.use.usual;
    limit["worst"] = one.use.worst;
    limit["verdict"] = verdict_name(one.verdict);
    limits.push_back(std::move(limit));
  }
  json::array most;
  for (const PollUse& one : upstream.most)
    most.push_back(json::object{{"poll", one.poll}, {"a_day", one.a_day}});
  return {{"upstream", upstream.name},
          {"polls", upstream.polls},
          {"day", json_of(upstream.day)},
          {"hour", json_of(upstream.hour)},
          {"minute", json_of(upstream.minute)},
          {"limits", std::move(limits)},
          {"verdict", verdict_name(upstream.verdict)},
          {"most", std::move(most)},
          {"advice", json::value_from(upstream.advice)}};
}

json::object json_of(const Simulation& simulation, const SimulationOptions& options) {
  json::array upstreams;
  for (const SimulatedUpstream& one : simulation.upstreams) {
    json::array limits;
    for (const SimulatedUse& use : one.limits) {
      json::object limit = json_of(use.limit);
      limit["most"] = use.most;
      limits.push_back(std::move(limit));
    }
    upstreams.push_back(json::object{{"upstream", one.name},
                                     {"requests", one.requests},
                                     {"tokens", one.tokens},
                                     {"retries", one.retries},
                                     {"refused", one.refused},
                                     {"longest_wait_ms", one.longest_wait.count()},
                                     {"day", one.most_a_day},
                                     {"hour", one.most_an_hour},
                                     {"minute", one.most_a_minute},
                                     {"limits", std::move(limits)}});
  }
  return {{"length_ms", options.length.count()},
          {"faults", options.faults},
          {"not_modified", options.not_modified},
          {"latency_ms", options.latency.count()},
          {"seed", options.seed},
          {"runs", json::object{{"begun", simulation.runs},
                                {"answered", simulation.answered},
                                {"failed", simulation.failed},
                                {"limited", simulation.limited},
                                {"overlapping", simulation.overlapping},
                                {"unfinished", simulation.unfinished}}},
          {"upstreams", std::move(upstreams)}};
}

}  // namespace

std::string plan_text(const Plan& plan) {
  std::vector<Row> rows{{"upstream", "requests", "usual", "worst", ""}};
  auto number = [](std::uint64_t n) { return std::to_string(n); };
  for (const UpstreamPlan& one : plan.upstreams) {
    rows.push_back(
        {one.name, "a day", number(one.day.usual), number(one.day.worst), counted(one.polls, "poll")});
    rows.push_back({"", "in the busiest hour", number(one.hour.usual), number(one.hour.worst), ""});
    rows.push_back({"", "in the busiest minute", number(one.minute.usual), number(one.minute.worst), ""});
    for (const LimitUse& limit : one.limits) {
      rows.push_back({"", "limit " + fetch::limit_text(limit.limit), number(limit.use.usual),
                      number(limit.use.worst), std::string(words_for(limit.verdict))});
    }
  }
  std::string out = table(rows) + summary(plan);
  for (const UpstreamPlan& one : plan.upstreams) out += findings(one);
  return out;
}

std::string simulation_text(const Simulation& simulation, const SimulationOptions& options) {
  std::string out = fmt::format(
      "\nsimulated {} from a first start, {:g}% faults, {:g}% not modified, {} latency, seed {}:\n"
      "{}: {} answered, {} failed, {} ended by a limit, {} skipped as overlapping, {} under way at the end\n",
      format_duration(options.length), options.faults * 100, options.not_modified * 100,
      format_duration(options.latency), options.seed, counted(simulation.runs, "run"), simulation.answered,
      simulation.failed, simulation.limited, simulation.overlapping, simulation.unfinished);
  std::vector<Row> rows{{"upstream", "requests", "most", "", ""}};
  auto number = [](std::uint64_t n) { return std::to_string(n); };
  for (const SimulatedUpstream& one : simulation.upstreams) {
    rows.push_back({one.name, "in all", number(one.requests), "",
                    fmt::format("{} tokens, {} retries, {} not sent; longest wait {}", one.tokens,
                                one.retries, one.refused, describe_duration(one.longest_wait))});
    rows.push_back({"", "a day", number(one.most_a_day), "", ""});
    rows.push_back({"", "an hour", number(one.most_an_hour), "", ""});
    rows.push_back({"", "a minute", number(one.most_a_minute), "", ""});
    for (const SimulatedUse& use : one.limits)
      rows.push_back({"", "limit " + fetch::limit_text(use.limit), number(use.most), "",
                      use.most <= use.limit.requests ? "kept" : "PASSED: a bug, please report it"});
  }
  return out + table(rows);
}

std::string plan_json(const Plan& plan, const Simulation* simulation, const SimulationOptions& options) {
  json::array upstreams;
  for (const UpstreamPlan& one : plan.upstreams) upstreams.push_back(json_of(one));
  json::object out{{"verdict", verdict_name(plan.verdict)},
                   {"assumed", json::object{{"pages", plan.assumed.pages},
                                            {"token_life_s", plan.assumed.token_life.count()}}},
                   {"upstreams", std::move(upstreams)}};
  if (simulation != nullptr) out["simulation"] = json_of(*simulation, options);
  return json::serialize(out);
}

}  // namespace pollux::plan

// SPDX-License-Identifier: Apache-2.0
#include "config/step_order.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/nearest.hpp"

namespace pollux::config {
namespace {

using Places = std::unordered_map<std::string_view, std::size_t>;

void unknown_step(Reader& reader, const StepUse& use, const std::vector<Step>& steps) {
  std::vector<std::string> names;
  for (const Step& step : steps) names.push_back(step.name);
  auto near = nearest(use.step, names);
  reader.fault_at(use.path, use.at, "`${step:" + use.step + "}`, a step that is not there",
                  "the name of another step of this fetch", near ? "did you mean `" + *near + "`?" : "");
}

// Takes away, again and again, the steps that wait for nothing that is left (Kahn): what stays is in a circle
// or behind one.
std::vector<bool> stuck_steps(const std::vector<Step>& steps) {
  std::vector<std::size_t> waits(steps.size());
  std::vector<std::vector<std::size_t>> waited_by(steps.size());
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    waits[i] = steps[i].after.size();
    if (waits[i] == 0) ready.push_back(i);
    for (std::size_t earlier : steps[i].after) waited_by[earlier].push_back(i);
  }
  std::vector<bool> stuck(steps.size(), true);
  while (!ready.empty()) {
    std::size_t done = ready.back();
    ready.pop_back();
    stuck[done] = false;
    for (std::size_t later : waited_by[done]) {
      if (--waits[later] == 0) ready.push_back(later);
    }
  }
  return stuck;
}

// From a stuck step back through stuck ones until one comes again: that is the circle.
void report_circle(Reader& reader, const std::vector<Step>& steps,
                   const std::vector<std::vector<StepUse>>& uses, const std::vector<bool>& stuck) {
  auto first = std::ranges::find(stuck, true);
  if (first == stuck.end()) return;
  std::vector<std::size_t> way;
  auto step = static_cast<std::size_t>(first - stuck.begin());
  std::vector<bool> seen(steps.size());
  while (!seen[step]) {
    seen[step] = true;
    way.push_back(step);
    step = *std::ranges::find_if(steps[step].after, [&](std::size_t earlier) { return stuck[earlier]; });
  }
  way.erase(way.begin(), std::ranges::find(way, step));
  std::string text;
  for (std::size_t i : way) text += "`" + steps[i].name + "` waits for ";
  const StepUse& use = uses[step].front();
  reader.fault_at(use.path, use.at, text + "`" + steps[step].name + "`",
                  "steps that do not wait for each other in a circle");
}

}  // namespace

void order_steps(Reader& reader, std::vector<Step>& steps, const std::vector<std::vector<StepUse>>& uses) {
  Places places;
  for (std::size_t i = 0; i < steps.size(); ++i) places.emplace(steps[i].name, i);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (const StepUse& use : uses[i]) {
      auto found = places.find(use.step);
      if (found == places.end()) {
        unknown_step(reader, use, steps);
      } else if (found->second == i) {
        reader.fault_at(use.path, use.at, "`${step:" + use.step + "}`, the step itself",
                        "the name of another step of this fetch");
      } else {
        steps[i].after.push_back(found->second);
      }
    }
    std::ranges::sort(steps[i].after);
    auto same = std::ranges::unique(steps[i].after);
    steps[i].after.erase(same.begin(), same.end());
  }
  report_circle(reader, steps, uses, stuck_steps(steps));
}

}  // namespace pollux::config

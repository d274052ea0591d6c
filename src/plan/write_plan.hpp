#pragma once
// SPDX-License-Identifier: Apache-2.0
// A plan and a simulation as a table for people and as JSON for programs (docs/fetch.md tells its keys).
// Pure.

#include <string>

#include "plan/plan.hpp"
#include "plan/simulate.hpp"

namespace pollux::plan {

/// A table, then what to do where a limit is broken. Ends with a line break.
std::string plan_text(const Plan& plan);
std::string simulation_text(const Simulation& simulation, const SimulationOptions& options);

/// One JSON object; `simulation` may be nullptr.
std::string plan_json(const Plan& plan, const Simulation* simulation, const SimulationOptions& options);

}  // namespace pollux::plan

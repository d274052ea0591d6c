#pragma once
// SPDX-License-Identifier: Apache-2.0
// `pollux doctor`: what stands between this machine and everything that a file leads to. Each destination is
// looked at once, by the way that its requests take and no other, and what was seen becomes a list of checks,
// each with its outcome and what to do. Later kinds of check join the same list.

#include <string>
#include <utility>
#include <vector>

#include "app/destinations.hpp"
#include "base/clock.hpp"
#include "config/load.hpp"
#include "net/probe.hpp"

namespace pollux::app {

struct Check {
  enum class Outcome { kOk, kNote, kFault, kNotTried };
  std::string name;  // "proxy", "decision", "tls"; a name keeps its meaning
  Outcome outcome = Outcome::kOk;
  std::string found;
  std::string mend;  // what to do; may be empty
  /// The same for programs: "tls_version" to "TLSv1.3".
  std::vector<std::pair<std::string, std::string>> facts;
};

struct Diagnosis {
  std::string of;       // "upstream api"
  std::string address;  // "https://api.example.gov:443"
  std::vector<Check> checks;
};

/// What was seen of one destination, judged. `variables`: those of HTTPS_PROXY and its like that are set in
/// this process, by name. Pure; any thread.
Diagnosis judge(const Destination& destination, const net::Probe& seen, Time now,
                const std::vector<std::string>& variables, const std::string& file);

/// Looks at all destinations of the file, some at a time. Blocks, at the worst for as long as the timeouts of
/// the slowest allow. kUsage: an S3 endpoint that is none.
Result<std::vector<Diagnosis>> examine(const config::File& file, const config::Environment& environment,
                                       const Clock& clock);

std::size_t count_faults(const std::vector<Diagnosis>& all);

/// For people: a block for each destination, a line for each check.
std::string diagnosis_text(const std::vector<Diagnosis>& all);
/// For programs: {"faults": 0, "destinations": [{"of", "address", "checks": [{"check", "outcome", "found",
/// ...}]}]}.
std::string diagnosis_json(const std::vector<Diagnosis>& all);

}  // namespace pollux::app

#pragma once
// SPDX-License-Identifier: Apache-2.0
// Which requests are answered badly. Rules come by PUT /_fault as a JSON object, or a list of them (the first
// that fires wins); each PUT replaces all. Pure but for its random numbers, which follow from the rule's
// seed. Io thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"

namespace pollux::sample_api {

struct FaultRule {
  std::string match;                 // stands somewhere in the request's target; empty: in all
  std::string fault;                 // a name of fault_names(), or "any"
  std::optional<int> status;         // of the answer, where the fault leaves it open
  std::string retry_after;           // Retry-After, as it is
  std::optional<Millis> delay;       // how long it waits, stalls, or pauses between two bytes
  std::optional<std::size_t> times;  // so often, then back to normal; nullopt: always
  double probability = 1;
  std::uint32_t seed = 1;
  std::optional<std::size_t> bytes;  // size of a huge answer
  std::string to;                    // where redirect_elsewhere leads
};

/// kMalformed: no JSON, an unknown key or fault, a wrong type. The message says which.
Result<std::vector<FaultRule>> parse_fault_rules(std::string_view json);

class FaultBoard {
 public:
  void set(std::vector<FaultRule> rules);
  void clear() { entries_.clear(); }

  /// The rule that this request falls to, if any, with "any" already decided; uses up one of its times.
  std::optional<FaultRule> next(std::string_view target);

  std::size_t fired() const { return fired_; }

 private:
  struct Entry {
    FaultRule rule;
    std::mt19937 random;
  };
  std::vector<Entry> entries_;
  std::size_t fired_ = 0;
};

}  // namespace pollux::sample_api

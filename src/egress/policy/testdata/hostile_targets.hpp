#pragma once
// SPDX-License-Identifier: Apache-2.0
// Texts by which a client could try to reach what it may not, by being read here in one way and elsewhere in
// another. None of them is a target; each is refused for the reason that stands beside it.

#include <string>
#include <vector>

#include "egress/policy/target_fault.hpp"

namespace pollux::egress {

struct Hostile {
  std::string text;
  TargetFault fault;
};

/// Of CONNECT.
std::vector<Hostile> addresses_in_disguise();
std::vector<Hostile> brackets_and_zones();
std::vector<Hostile> who_else_is_in_there();
std::vector<Hostile> bytes_that_split_lines();
std::vector<Hostile> dots_hyphens_lengths();
std::vector<Hostile> hostile_ports();
/// Of other requests.
std::vector<Hostile> hostile_urls();

}  // namespace pollux::egress

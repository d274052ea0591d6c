#pragma once
// SPDX-License-Identifier: Apache-2.0
// From libjq's words about a program to a place and a sentence that its author understands. Pure; any thread.

#include <span>
#include <string>
#include <vector>

#include "poll/transform/program_runner.hpp"
#include "poll/transform/token_lines.hpp"

namespace pollux::transform {

/// `said` is what libjq says of the program itself, `spread` of its copy with a token in each line. Where the
/// two do not agree on the faults, the column stays 0. At most kMostFaults, never none.
std::vector<CompileFault> faults_of(std::span<const std::string> said, std::span<const std::string> spread,
                                    const TokenLines& tokens);

}  // namespace pollux::transform

// SPDX-License-Identifier: Apache-2.0
#include "poll/poll_programs.hpp"

#include <utility>

namespace pollux::poll {

transform::Program program_of(const config::Poll& poll, std::string text) {
  return {std::move(text), poll.transform.timeout, poll.transform.memory};
}

transform::Variables variables_of(const config::Poll& poll, const std::string& cursor, Time at) {
  const long long seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  return {seconds, poll.name, poll.vars_json, cursor.empty() ? "null" : cursor};
}

fetch::Evaluate paging_programs(transform::ProgramRunner& programs) {
  return [&programs](const config::Poll& poll, const fetch::Asked& asked, std::string program,
                     std::string input) {
    return programs.run(program_of(poll, std::move(program)), std::move(input),
                        variables_of(poll, asked.cursor, asked.at));
  };
}

}  // namespace pollux::poll

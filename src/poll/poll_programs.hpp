#pragma once
// SPDX-License-Identifier: Apache-2.0
// What a poll's jq programs are given, wherever they stand: `transform`, `cursor` and `paginate` see the same
// variables and obey the same limits. Pure; io thread.

#include <string>

#include "config/poll.hpp"
#include "poll/fetch/fetcher.hpp"
#include "poll/transform/program_runner.hpp"

namespace pollux::poll {

/// With `transform.timeout` and `transform.memory`.
transform::Program program_of(const config::Poll& poll, std::string text);

/// Of a run of that time that starts from `cursor`, as JSON; empty: there is none.
transform::Variables variables_of(const config::Poll& poll, const std::string& cursor, Time at);

/// How the fetcher has the programs of `paginate` run: by the transform stage, which it does not know.
/// `programs` outlives it.
fetch::Evaluate paging_programs(transform::ProgramRunner& programs);

}  // namespace pollux::poll

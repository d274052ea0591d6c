#pragma once
// SPDX-License-Identifier: Apache-2.0
// One step of a fetch from its request to its answer: all its pages, in UTF-8, as JSON or as a text. Awaited
// by the fetcher, which owns what the context refers to. io thread.

#include <optional>

#include "poll/fetch/fetcher.hpp"
#include "poll/fetch/render.hpp"

namespace pollux::fetch {

struct StepContext {
  UpstreamSession& session;
  const config::Poll& poll;
  const config::Step& step;
  const Scope& scope;
  const Asked& asked;
  const Evaluate& evaluate;
  asio::thread_pool* pool;
  Effort& effort;
};

struct StepAnswer {
  Answer answer;
  std::optional<Validator> validator;  // for the next time
  bool not_modified = false;           // there is no answer
};

/// `known`: what to ask conditionally with, where the question is still the same; nullptr: ask for the whole.
Task<Result<StepAnswer>> run_step(StepContext context, const Validator* known);

}  // namespace pollux::fetch

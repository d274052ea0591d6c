#pragma once
// SPDX-License-Identifier: Apache-2.0
// Everything but the answers that shapes what a poll publishes and where, as a digest: when it changes, what
// an upstream calls unchanged must be fetched, made and written anew. Pure.

#include <string>

#include "poll/run_once.hpp"

namespace pollux::poll {

/// Program, $vars, how the answers are read, schema, publications and the places of their stores, and the
/// version of this program.
std::string result_shape(const Stages& stages, const config::Poll& poll);

}  // namespace pollux::poll

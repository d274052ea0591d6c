#pragma once
// SPDX-License-Identifier: Apache-2.0
// The top of the file: the shape that holds all others.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "config/polls_shape.hpp"
#include "config/shape.hpp"

namespace pollux::config {

/// What the file says, before its parts are linked to each other.
struct FileDraft {
  std::vector<std::pair<std::string, Upstream>> upstreams;
  std::vector<std::pair<std::string, Store>> stores;
  PollDrafts polls;
  std::filesystem::path state = ".pollux/state.db";
  Listen listen;
  Log log;
};

/// Built once, kept for the process's life.
const Shape<FileDraft>& file_shape();

}  // namespace pollux::config

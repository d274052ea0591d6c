#pragma once
// SPDX-License-Identifier: Apache-2.0
// `fetch:` of a poll: one request, or a map of named steps that may use each other's answers. Steps know
// afterwards which ones they wait for; unknown, own and circular references are faults.

#include <vector>

#include "config/shape.hpp"

namespace pollux::config {

struct Fetch {
  std::vector<Step> steps;
  bool named = false;
};

ShapePtr<Fetch> fetch_shape();

}  // namespace pollux::config

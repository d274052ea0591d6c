#pragma once
// SPDX-License-Identifier: Apache-2.0
// `limits:`, `breaker:` and `retry:` of an upstream: how often it is asked, and when it is left alone.

#include <vector>

#include "config/shape.hpp"
#include "config/upstream.hpp"

namespace pollux::config {

/// "300/minute", "100/hour sliding", "20000/day in America/Los_Angeles".
ShapePtr<Limit> limit_shape();
/// One of them, or a list.
ShapePtr<std::vector<Limit>> limits_shape();
/// `off`, or a map.
ShapePtr<BreakerPolicy> breaker_shape();
ShapePtr<RetryPolicy> retry_shape();

}  // namespace pollux::config

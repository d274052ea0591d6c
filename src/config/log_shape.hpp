#pragma once
// SPDX-License-Identifier: Apache-2.0
// `log` of pollux.yaml and of egress.yaml.

#include "config/config.hpp"
#include "config/shape.hpp"

namespace pollux::config {

ShapePtr<Log> log_shape();

}  // namespace pollux::config

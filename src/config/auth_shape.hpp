#pragma once
// SPDX-License-Identifier: Apache-2.0
// The shape of an upstream's `auth`: exactly one way to show who asks. Everything in it is in a credential's
// place.

#include "config/config.hpp"
#include "config/shape.hpp"

namespace pollux::config {

ShapePtr<Auth> auth_shape();

}  // namespace pollux::config

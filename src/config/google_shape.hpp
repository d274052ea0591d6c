#pragma once
// SPDX-License-Identifier: Apache-2.0
// The shape of `auth: {google: ...}`: one key or several, each as the text of its file or as a map, and what
// they are for.

#include "config/config.hpp"
#include "config/shape.hpp"

namespace pollux::config {

ShapePtr<GoogleAuth> google_shape();

}  // namespace pollux::config

#pragma once
// SPDX-License-Identifier: Apache-2.0
// `stores:` of the file: where objects go. What an S3 store does not say about its credentials comes from the
// usual variables of the environment.

#include "config/shape.hpp"

namespace pollux::config {

ShapePtr<Store> store_shape();

}  // namespace pollux::config

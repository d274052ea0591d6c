#pragma once
// SPDX-License-Identifier: Apache-2.0
// `stores:` of the file: where objects go, a directory or a bucket.

#include "config/shape.hpp"

namespace pollux::config {

ShapePtr<Store> store_shape();

}  // namespace pollux::config

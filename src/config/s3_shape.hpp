#pragma once
// SPDX-License-Identifier: Apache-2.0
// `s3:` of a store: a bucket, how to reach it and how objects are written there. What it does not say of its
// credentials and region comes from the usual variables of the environment.

#include "config/shape.hpp"

namespace pollux::config {

ShapePtr<S3Store> s3_shape();

}  // namespace pollux::config

#pragma once
// SPDX-License-Identifier: Apache-2.0
// `upstreams:` of the file: an API, its credentials, its proxy and how patient to be with it.

#include "config/shape.hpp"

namespace pollux::config {

ShapePtr<Upstream> upstream_shape();
/// A duration for the whole, or {connect, total, stall}. Stores have it too.
ShapePtr<Timeouts> timeout_shape();

}  // namespace pollux::config

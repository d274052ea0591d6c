#pragma once
// SPDX-License-Identifier: Apache-2.0
// `paginate:` of a request: how it goes on to the next page, and when it has the last one.

#include "config/shape.hpp"

namespace pollux::config {

ShapePtr<Pages> pages_shape();

/// Faults for what cannot go together with the pages of this step: a place in an answer that is no JSON.
void check_pages(Reader& reader, const Node& node, const Step& step);

}  // namespace pollux::config

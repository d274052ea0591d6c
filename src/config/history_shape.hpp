#pragma once
// SPDX-License-Identifier: Apache-2.0
// `cursor:` and `window:` of a poll: what it keeps from one run to the next.

#include "config/shape.hpp"

namespace pollux::config {

ShapePtr<Cursor> cursor_shape();
ShapePtr<Window> window_shape();

/// Faults for each ${cursor} of a poll that has none. Called once for each poll, when all of it is read.
void check_cursor_uses(Reader& reader, bool has_cursor);

}  // namespace pollux::config

#pragma once
// SPDX-License-Identifier: Apache-2.0
// From a place in a jq program to the place in the file, so that a compile error points at the file's own
// line, whether the program was written as a block, folded, quoted or plain. Columns count characters. Pure;
// any thread.

#include <string_view>

#include "config/value_shapes.hpp"
#include "config/yaml_source.hpp"

namespace pollux::config {

/// Where line and column (from 1) of the program stand in the file.
Mark place_in_file(const ProgramText& program, int line, int column);

/// Fills at, indent, block and anchors. `source` is the whole file, of which `node` is a scalar.
void place_program(std::string_view source, const Node& node, ProgramText& program);

}  // namespace pollux::config

#pragma once
// SPDX-License-Identifier: Apache-2.0
// The shapes of values of any kind: bodies of requests, $vars, and jq programs.

#include "config/shape.hpp"

namespace pollux::config {

ShapePtr<Template> template_shape();
/// A request's path: see Reader::as_template.
ShapePtr<Template> path_template_shape();
ShapePtr<BodyNode> body_shape();
/// Any map, as JSON text.
ShapePtr<std::string> vars_shape();
/// Any value, as JSON text.
ShapePtr<std::string> json_value_shape();

/// A jq program; variables in it are jq's, not the file's.
ShapePtr<ProgramText> program_shape();

}  // namespace pollux::config

#pragma once
// SPDX-License-Identifier: Apache-2.0
// The shapes of values of any kind: bodies of requests, $vars, and jq programs.

#include "config/shape.hpp"

namespace pollux::config {

ShapePtr<Template> template_shape();
ShapePtr<BodyNode> body_shape();
/// Any map, as JSON text.
ShapePtr<std::string> vars_shape();
/// Any value, as JSON text.
ShapePtr<std::string> json_value_shape();

/// A jq program as it stands in the file; variables in it are jq's, not the file's.
struct ProgramText {
  std::string jq;
  Mark at;
  int indent = 0;
  bool block = false;
  std::vector<Transform::Anchor> anchors;
};
ShapePtr<ProgramText> program_shape();

}  // namespace pollux::config

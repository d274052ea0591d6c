#pragma once
// SPDX-License-Identifier: Apache-2.0
// The keys of a bucket that the file does not hold: the environment's, a shared credentials file's, a bound
// service's, or where they are to be asked for at run time. Reads what the Reader's Environment gives and
// nothing else. The variables are those of AWS's own tools:
// https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html

#include <optional>
#include <string>

#include "config/object_shape.hpp"

namespace pollux::config {

/// nullopt also where it is empty.
std::optional<std::string> set_variable(const Reader& reader, const std::string& name);

/// Fills in `store`'s keys or renewed_keys, tells the reader of the secrets, or faults. After the region is
/// known: STS is asked there.
void complete_keys(Reader& reader, const Node& node, S3Store& store);

}  // namespace pollux::config

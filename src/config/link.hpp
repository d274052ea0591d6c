#pragma once
// SPDX-License-Identifier: Apache-2.0
// Joins the parts of a file that was read: names that are referred to must be there, defaults that depend on
// other parts are filled in, paths become relative to the file's directory, and no two publications may meet.

#include "config/file_shape.hpp"
#include "config/reader.hpp"

namespace pollux::config {

File link(Reader& reader, FileDraft draft);

}  // namespace pollux::config

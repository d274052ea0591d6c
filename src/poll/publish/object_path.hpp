#pragma once
// SPDX-License-Identifier: Apache-2.0
// Which paths an object may have, the same in every store, so that a poll can move from a directory to a
// bucket. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace pollux::publish {

/// What is wrong with an object's path, as an end of "the path ..."; nullopt if nothing is. Refused: empty
/// paths and parts, the parts . and .., control characters, text that is not UTF-8, more than 1,024 bytes
/// (S3's limit).
std::optional<std::string> object_path_fault(std::string_view path);

/// By the path's ending: "application/json"; "application/octet-stream" where it says nothing.
std::string_view content_type_of(std::string_view path);

}  // namespace pollux::publish

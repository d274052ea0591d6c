#pragma once
// SPDX-License-Identifier: Apache-2.0
// From a request's path to an object's path in a store, or to nothing. It reads foreign bytes and its answer
// becomes a file name, so it refuses whatever is not plainly the name of an object. Pure function, any
// thread; a fuzz target runs on it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pollux::console {

/// The decoded parts of a percent-encoded path ("/public/a/b.json" -> public, a, b.json). nullopt when any
/// part is empty, begins with a dot (hidden files, `.` and `..`), cannot be decoded, is no UTF-8, or holds a
/// slash, a backslash or a control character once it is decoded.
std::optional<std::vector<std::string>> path_parts(std::string_view path);

struct PublicPath {
  std::string store;
  std::string object;
  bool operator==(const PublicPath&) const = default;
};

/// For a path below /public/: with one store the rest is the object, with several its first part names the
/// store.
std::optional<PublicPath> public_path(std::string_view path, const std::vector<std::string>& stores);

}  // namespace pollux::console

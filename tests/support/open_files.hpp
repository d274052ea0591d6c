#pragma once
// SPDX-License-Identifier: Apache-2.0
// The file descriptors of this process: how many there may be, and how many there are.

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace pollux::test {

/// Those that are open now and lead to what begins like this: "pipe:", "socket:".
inline std::size_t open_files(std::string_view of = "") {
  std::size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(file.path(), gone).native().starts_with(of)) ++count;
  }
  return count;
}

/// Raises the soft limit to so many at least; false: the hard limit is lower.
inline bool allow_files(rlim_t count) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max < count) return false;
  limit.rlim_cur = std::max(limit.rlim_cur, count);
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace pollux::test

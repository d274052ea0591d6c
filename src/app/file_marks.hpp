#pragma once
// SPDX-License-Identifier: Apache-2.0
// What tells a file from the same one changed or replaced: size, time, inode. Any thread.

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <tuple>

namespace pollux::app {

/// Of each file; zeros for one that is not there.
using FileMarks = std::map<std::filesystem::path, std::tuple<std::int64_t, std::int64_t, std::uint64_t>>;

inline FileMarks marks_of(std::span<const std::filesystem::path> files) {
  FileMarks out;
  for (const auto& file : files) {
    struct stat info{};
    if (::stat(file.c_str(), &info) != 0) info = {};
    out[file] = {info.st_size, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec, info.st_ino};
  }
  return out;
}

}  // namespace pollux::app

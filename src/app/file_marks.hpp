#pragma once
// SPDX-License-Identifier: Apache-2.0
// What tells a file from the same one changed or replaced: size, time, inode. Any thread.

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <tuple>

#include "config/load.hpp"

namespace pollux::app {

/// Of each file; zeros for one that is not there.
using FileMarks = std::map<std::filesystem::path, std::tuple<std::int64_t, std::int64_t, std::uint64_t>>;

FileMarks marks_of(std::span<const std::filesystem::path> files);

/// The same files as they are now.
FileMarks marks_now(const FileMarks& files);

/// The same environment, which writes down what is read through it, whatever names it: the file itself,
/// lists,
/// ${file:...}, what another file names. A mark is from before the first reading, so that what changes
/// meanwhile is seen later. `marks` outlives all copies; one thread.
config::Environment marking(config::Environment environment, FileMarks& marks);

}  // namespace pollux::app

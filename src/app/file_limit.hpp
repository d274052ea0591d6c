#pragma once
// SPDX-License-Identifier: Apache-2.0
// How many open files a process may have, and what the egress proxy does with them. Any thread.

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>

namespace pollux::app {

/// A tunnel has two sockets. Besides there are the pipes that tunnels borrow (egress::kMostPipes, two each),
/// and some for addresses that are tried side by side, look-ups, the metrics, files that are read.
constexpr std::size_t kFilesOfTunnel = 2;
constexpr std::size_t kOtherFiles = 500;

constexpr std::size_t files_for(std::size_t connections) {
  return connections * kFilesOfTunnel + kOtherFiles;
}

/// As many of the connections as have their files; one at least.
constexpr std::size_t connections_within(std::size_t files, std::size_t connections) {
  const std::size_t room = files > kOtherFiles ? (files - kOtherFiles) / kFilesOfTunnel : 0;
  return std::clamp<std::size_t>(room, 1, std::max<std::size_t>(connections, 1));
}

/// The soft limit is low for the sake of programs that use select(2), which this one does not: raises it to
/// the hard one. How many there may be then; as good as any number where that cannot be known.
inline std::size_t raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return static_cast<std::size_t>(-1);
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return static_cast<std::size_t>(::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before);
}

}  // namespace pollux::app

#pragma once
// SPDX-License-Identifier: Apache-2.0
// The whole life of a jq worker: a process of the same binary (`pollux jq-worker`) that the WorkerPool starts
// with an empty environment and one open socket. It locks itself in, says hello, and answers requests one by
// one until the socket closes.

namespace pollux::transform {

/// Where a worker finds the socket to its daemon.
inline constexpr int kWorkerFd = 3;

/// The exit code: 0 when the daemon closed the socket, 2 when `fd` is no socket (somebody started it by
/// hand), 3 when the daemon's bytes made no sense.
int worker_main(int fd);

}  // namespace pollux::transform

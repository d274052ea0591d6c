#pragma once
// SPDX-License-Identifier: Apache-2.0
// `pollux egress`: the forward proxy until SIGTERM or SIGINT. The first signal takes no new connection and
// leaves the tunnels kDrain to end; a second one cuts them. SIGHUP, or a change of a file that the lists come
// from, reads them anew: tunnels stay, and a bad file changes nothing. Blocks the calling thread, which
// becomes the io thread.

#include <expected>
#include <filesystem>
#include <functional>
#include <optional>

#include "egress/file/egress_file.hpp"

namespace pollux::app {

struct EgressOptions {
  egress::EgressFile file;
  std::optional<config::LogLevel> level;
  /// The same file again, for a reload.
  std::function<std::expected<egress::LoadedEgress, egress::EgressFaults>()> load;
  std::optional<std::filesystem::path> config;  // whose change is a reason to, as that of its lists is
};

/// 0 after a stop that was asked for; an Error when it could not begin (the port is taken).
Result<int> run_egress(EgressOptions options);

}  // namespace pollux::app

#pragma once
// SPDX-License-Identifier: Apache-2.0
// `pollux egress`: the forward proxy until SIGTERM or SIGINT. The first signal takes no new connection and
// leaves the tunnels kDrain to end; a second one cuts them. SIGHUP, or a change of a file that the lists come
// from, reads them anew: tunnels stay, and a bad file changes nothing. Lists and certificate have each their
// own outcome. Blocks the calling thread, which becomes the io thread; its log holds it up no longer than 2 s
// at the end.

#include <functional>
#include <optional>

#include "app/egress_load.hpp"

namespace pollux::app {

struct EgressOptions {
  egress::EgressFile file;
  FileMarks marks;  // of what it was read from
  std::optional<config::LogLevel> level;
  /// The same again, for a reload.
  std::function<EgressLoad()> load;
};

/// 0 after a stop that was asked for; an Error when it could not begin (the port is taken).
Result<int> run_egress(EgressOptions options);

}  // namespace pollux::app

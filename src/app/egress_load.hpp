#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the egress proxy serves by, as it was read, and which files that came from, so that a change of any of
// them is a reason to read again. Any thread.

#include <functional>

#include "app/file_marks.hpp"
#include "egress/file/egress_file.hpp"

namespace pollux::app {

using LoadedOrFaults = std::expected<egress::LoadedEgress, egress::EgressFaults>;

struct EgressLoad {
  LoadedOrFaults outcome;
  /// Of what was read, well or not, as it was before; without the certificate's files, which
  /// EgressCertificate looks at by itself.
  FileMarks marks;
};

/// `read` reads through the environment that it is given and by nothing else.
EgressLoad load_marked(const config::Environment& environment,
                       const std::function<LoadedOrFaults(const config::Environment&)>& read);

}  // namespace pollux::app

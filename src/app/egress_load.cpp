// SPDX-License-Identifier: Apache-2.0
#include "app/egress_load.hpp"

namespace pollux::app {

EgressLoad load_marked(const config::Environment& environment,
                       const std::function<LoadedOrFaults(const config::Environment&)>& read) {
  FileMarks marks;
  auto outcome = read(marking(environment, marks));
  if (outcome && outcome->file.tls) {
    const egress::TlsFiles& tls = *outcome->file.tls;
    for (const auto& file : {tls.certificate, tls.key, tls.client_ca}) marks.erase(file);
  }
  return {std::move(outcome), std::move(marks)};
}

}  // namespace pollux::app

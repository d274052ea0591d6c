#pragma once
// SPDX-License-Identifier: Apache-2.0
// `for: pollux.yaml` of a client in egress.yaml: the file of the poller that the client is.

#include <string>

#include "config/shape.hpp"
#include "egress/file/poller_needs.hpp"

namespace pollux::egress {

/// A path, relative to the file that it stands in, read by `poller`. What is wrong with that file are faults
/// of this place; its secrets are the reader's too.
config::ShapePtr<PollerNeeds> poller_needs(PollerFile poller);

/// As whom the poller comes to this client: by `user`, or by the only name that it has where that is empty.
/// nullptr after a fault at `node`, a client with `for`.
const PollerNeeds::Visitor* visitor_of(config::Reader& reader, const config::Node& node,
                                       const PollerNeeds& needs, const std::string& user,
                                       const Secret& password);

}  // namespace pollux::egress

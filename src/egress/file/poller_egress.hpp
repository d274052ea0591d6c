#pragma once
// SPDX-License-Identifier: Apache-2.0
// The egress proxy of one poller, which serves it and nobody else: `pollux egress --for pollux.yaml`. Pure;
// any thread.

#include <string>

#include "egress/file/egress_file.hpp"
#include "egress/file/poller_needs.hpp"

namespace pollux::egress {

/// Where it listens when nobody says it: where the poller looks for it, if that is this machine;
/// 127.0.0.1:3128 otherwise.
config::Listen listen_for(const PollerNeeds& needs);

EgressFile egress_for(const PollerNeeds& needs, const config::Listen& listen);

/// The same as the text of an egress.yaml, with ${EGRESS_PASSWORD} in the place of the password (of several
/// users ${EGRESS_PASSWORD_1} and so on). What is secret in the poller's file is *** in it.
std::string egress_yaml(const PollerNeeds& needs, const config::Listen& listen);

}  // namespace pollux::egress

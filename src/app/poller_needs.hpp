#pragma once
// SPDX-License-Identifier: Apache-2.0
// From a poller's file to what it wants of an egress proxy: each host and port that it reaches through one,
// and nothing else. What goes straight, or through a SOCKS proxy, is left out. Any thread.

#include <expected>
#include <vector>

#include "config/load.hpp"
#include "egress/file/poller_needs.hpp"

namespace pollux::app {

/// Pure. Faults: nothing goes through a proxy; there are several proxies, of which nobody knows which this
/// is; one user has two passwords; a host that no rule can name.
std::expected<egress::PollerNeeds, std::vector<config::Fault>> poller_needs(const config::File& file);

/// Loads the file first, as every command does; what is wrong with it comes back as its faults.
egress::PollerFile poller_file(config::Environment environment);

}  // namespace pollux::app

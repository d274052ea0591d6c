#pragma once
// SPDX-License-Identifier: Apache-2.0
// How requests leave: proxy, whom to trust, client certificate, TLS version. Upstreams have all of it, S3
// stores the first two. The files that are named are read and looked at here, so that a wrong one is a fault
// with a line and not a failed run; they are read again for each connection.

#include "config/object_shape.hpp"

namespace pollux::config {

void add_egress(ObjectShape<Upstream>& shape);
void add_egress(ObjectShape<S3Store>& shape);

}  // namespace pollux::config

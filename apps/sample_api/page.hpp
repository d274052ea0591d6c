#pragma once
// SPDX-License-Identifier: Apache-2.0
// Serves the demo's page: the files of one folder, no deeper, each with a Content-Security-Policy that lets
// the page fetch its data and nothing else. Reads small files on the io thread: good enough for a demo, not
// for the daemon.

#include "apps/sample_api/options.hpp"
#include "net/http_server.hpp"

namespace pollux::sample_api {

/// The answer for /page/<name>; /page/ is index.html.
net::ServerResponse page_file(const Options& options, const net::ServerRequest& request);

}  // namespace pollux::sample_api

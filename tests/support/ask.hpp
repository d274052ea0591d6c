#pragma once
// SPDX-License-Identifier: Apache-2.0
// One HTTP request, as a browser or curl would send it, for tests that look at running programs from outside.
// Blocking; any thread (each call has a loop of its own).

#include <string>

#include "net/http_client.hpp"

namespace pollux::test {

/// The answer, whatever its status; status 0 with the failure as its body where there was none.
net::HttpResponse ask(net::HttpRequest request);

/// GET, without following redirects, with the compression undone.
net::HttpResponse get(const std::string& url, net::Headers headers = {});

}  // namespace pollux::test

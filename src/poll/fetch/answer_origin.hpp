#pragma once
// SPDX-License-Identifier: Apache-2.0
// Who really gave an answer that is no success: the API, a proxy on the way to it, or a web server before it
// that wanted a client certificate. They look alike by their status, and are mended in different places.
// Pure.

#include "base/result.hpp"
#include "net/http_client.hpp"

namespace pollux::fetch {

/// `error` as error_of_status() made it, with what the answer tells besides. `by_proxy`: the proxy saw the
/// request itself and not just a tunnel, so that the answer may be its own.
Error explained(Error error, const net::HttpResponse& answer, bool by_proxy);

}  // namespace pollux::fetch

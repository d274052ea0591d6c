// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/answer_origin.hpp"

#include <utility>

#include "net/proxy_status.hpp"

namespace pollux::fetch {

Error explained(Error error, const net::HttpResponse& answer, bool by_proxy) {
  if (std::string own = by_proxy ? net::proxys_own_answer(answer) : ""; !own.empty()) {
    // With 5xx it has tried, and the API was not there.
    if (answer.status < 500) error.kind = ErrorKind::kProxy;
    error.message = std::move(own);
    return error;
  }
  if (answer.status != 400) return error;
  // nginx says both with 400 (its own 496 and 495 are never sent).
  auto holds = [&](std::string_view words) { return answer.body.find(words) != std::string::npos; };
  if (holds("No required SSL certificate was sent")) {
    error.kind = ErrorKind::kTls;
    error.message +=
        ": No required SSL certificate was sent; `tls: { certificate: ..., key: ... }` names one";
  } else if (holds("The SSL certificate error")) {
    error.kind = ErrorKind::kTls;
    error.message += ": it does not accept the client certificate: expired, or of a CA that it does not know";
  }
  return error;
}

}  // namespace pollux::fetch

// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/answer_origin.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pollux::fetch {
namespace {

// Squid and Smokescreen put these on answers that they made themselves, and on no others.
std::string_view proxys_own(const net::HttpResponse& answer) {
  for (std::string_view name : {"X-Squid-Error", "X-Smokescreen-Error"}) {
    if (auto value = answer.header(name); !value.empty()) return value;
  }
  return {};
}

// A word that is fit for a message: no line break, not long.
std::string shown(std::string_view text) {
  std::string out(text.substr(0, 100));
  std::ranges::replace_if(out, [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '?');
  return out;
}

}  // namespace

Error explained(Error error, const net::HttpResponse& answer, bool by_proxy) {
  if (auto own = by_proxy ? proxys_own(answer) : std::string_view(); !own.empty()) {
    error.kind = ErrorKind::kProxy;
    error.message = fmt::format("the proxy answered {} itself: {}", answer.status, shown(own));
    if (answer.status == 407) error.message += "; check the user and password in the proxy's address";
    if (answer.status == 403) error.message += "; it does not let this host through";
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

// SPDX-License-Identifier: Apache-2.0
// Any bytes as the beginning of a connection: a PROXY header ends at the same byte and says the same however
// much has come, nothing shorter is one or is refused, and none is longer than it may be.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "egress/proxy/proxy_header.hpp"

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pollux::egress;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = find_proxy_header(bytes);
  bool over = false;
  for (std::size_t i = 0; i <= std::min<std::size_t>(size, 600); ++i) {
    const auto some = find_proxy_header(bytes.substr(0, i));
    if (!some) {
      must(!whole && !some.error().empty());
      over = true;
    } else if (*some) {
      must(whole && *whole && (*some)->size == (*whole)->size && (*some)->from == (*whole)->from);
      must((*some)->size <= i && (*some)->size <= kMostOfProxyHeader);
      over = true;
    } else {
      must(!over && i < kMostOfProxyHeader);
    }
  }
  return 0;
}

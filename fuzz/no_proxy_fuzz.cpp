// SPDX-License-Identifier: Apache-2.0
// Any bytes as NO_PROXY and, after the first line break, as an address: a decision is always made, it does
// not depend on the order of the exceptions, and an exception that can never match never does.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "config/environment_proxy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pollux;
  using namespace pollux::config;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto end = std::min(text.find('\n'), text.size());
  const std::string url(text.substr(std::min(end + 1, text.size())));
  EnvironmentProxy environment{Secret("http://h"), Secret("http://s"), split_exceptions(text.substr(0, end))};
  auto decided = proxy_for(environment, url);
  std::ranges::reverse(environment.exceptions);
  if (proxy_for(environment, url) != decided) std::abort();
  bool any = false;
  for (const std::string& exception : environment.exceptions) {
    const bool matches = is_excepted(exception, url);
    if (matches && !can_match(exception)) std::abort();
    any = any || matches;
  }
  if (any == decided.has_value()) std::abort();
  return 0;
}

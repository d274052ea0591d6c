// SPDX-License-Identifier: Apache-2.0
// Any bytes as exchanges.json, and as an object beside another: a fixture that can be read is written and
// read back as it was, and laying a JSON text out changes nothing of its value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fixture/difference.hpp"
#include "fixture/fixture.hpp"
#include "fixture/json_lines.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pollux::fixture;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  require(difference(text, pretty(text)).empty());
  if (size > 0 && !json_lines(text, JsonOrder::kSorted)) require(!difference(text.substr(1), text).empty());
  auto fixture = parse_index(text);
  if (!fixture) {
    require(!fixture.error().message.empty());
    return 0;
  }
  for (const Exchange& exchange : fixture->exchanges) {
    require(exchange.file.find('/') == std::string::npos && !exchange.file.starts_with('.'));
    require(!exchange.url.empty() && exchange.status >= 100 && exchange.status <= 599);
  }
  auto again = parse_index(index_text(*fixture));
  require(again && again->exchanges == fixture->exchanges && again->environment == fixture->environment &&
          again->secrets == fixture->secrets && again->fails == fixture->fails);
  return 0;
}

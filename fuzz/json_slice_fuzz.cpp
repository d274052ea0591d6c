// SPDX-License-Identifier: Apache-2.0
// Any bytes as a JSON text: what is cut out lies inside of them, does not overlap, and is itself as the list
// says.
#include <cstdint>
#include <cstdlib>

#include "base/json_slice.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pollux;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto items = json_items(text)) {
    const char* from = text.data();
    for (std::string_view item : *items) {
      if (item.empty() || item.data() < from || item.data() + item.size() > text.data() + size) std::abort();
      from = item.data() + item.size();
    }
    for (std::size_t i = 0; i < items->size() && i < 4; ++i) {
      auto again = json_at(text, {i});
      if (!again || !*again || **again != (*items)[i]) std::abort();
    }
  }
  for (const JsonPlace& place :
       {JsonPlace{"a"}, JsonPlace{"a", "b"}, JsonPlace{std::size_t{1}, "id"}, JsonPlace{}}) {
    auto found = json_at(text, place);
    if (!found || !*found || place.empty()) continue;
    if ((*found)->data() < text.data() || (*found)->data() + (*found)->size() > text.data() + size)
      std::abort();
  }
  if (auto plain = json_unquote(text); plain && plain->size() > size) std::abort();
  return 0;
}

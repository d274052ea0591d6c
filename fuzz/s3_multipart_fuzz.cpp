// SPDX-License-Identifier: Apache-2.0
// What a server answers to an upload in parts goes back to it, in a query and in XML: whatever it is, nothing
// of it ends either.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "poll/publish/s3_multipart.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto id = pollux::publish::parse_upload_id(body);
  const bool visible = std::ranges::all_of(id, [](char c) { return c > 0x20 && c <= 0x7E; });
  if (!visible || id.size() > 1024) std::abort();
  for (const auto& etag : {pollux::publish::parse_completed_etag(body), pollux::publish::plain_etag(body)}) {
    if (etag.find_first_of("<>&\"' ") != etag.npos || etag.size() > 1024) std::abort();
    const auto xml = pollux::publish::complete_body({{etag, ""}}, "");
    if (std::ranges::count(xml, '<') != 8) std::abort();
  }
  return 0;
}

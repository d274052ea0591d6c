// SPDX-License-Identifier: Apache-2.0
// Any bytes as a file of values for for_each: what is read as JSON can be written and read again as the same.
#include <cstdint>
#include <cstdlib>

#include "config/each_item.hpp"
#include "config/value_file.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::string written(const pollux::config::Node& node) {
  std::string out;
  pollux::config::append_json(node, out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pollux::config;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto root = parse_json_values(text)) {
    std::string once = written(**root);
    auto again = parse_json_values(once);
    require(again && written(**again) == once);
  } else {
    require(!root.error().message.empty());
  }
  if (auto rows = parse_csv_values(text)) {
    for (const NodePtr& row : *rows) require(parse_json_values(written(*row)).has_value());
  }
  return 0;
}

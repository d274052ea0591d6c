// SPDX-License-Identifier: Apache-2.0
// A request's target becomes a file name: whatever the bytes are, the object's path must stay inside its
// store.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "console/host_check.hpp"
#include "console/negotiate.hpp"
#include "console/public_path.hpp"
#include "net/request_target.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_inside(std::string_view object) {
  require(!object.empty() && object.front() != '/' && object.back() != '/');
  require(object.find('\0') == std::string_view::npos && object.find('\\') == std::string_view::npos);
  std::string bordered = "/" + std::string(object);
  require(bordered.find("/.") == std::string::npos && bordered.find("//") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(data, data + size);
  pollux::console::accepts_gzip(text);
  pollux::console::matches_etag(text, "\"tag\"");
  pollux::console::is_own_host(text, "127.0.0.1");
  auto target = pollux::net::parse_target(text);
  if (!target) return 0;
  require(target->path == "*" || target->path.starts_with('/'));
  if (auto one = pollux::console::public_path(target->path, {"local"})) check_inside(one->object);
  if (auto two = pollux::console::public_path(target->path, {"one", "two"})) {
    require(two->store == "one" || two->store == "two");
    check_inside(two->object);
  }
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

namespace pollux::config {

std::string Fault::text() const {
  std::string out = file.string();
  if (at != Mark{}) out += ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  out += warning ? ": warning: " : ": ";
  if (!path.empty()) out += path + ": ";
  std::string_view between;
  auto add = [&](std::string_view before, const std::string& part) {
    if (part.empty()) return;
    out.append(between).append(before).append(part);
    between = "; ";
  };
  add("", found);
  add("expected ", expected);
  add("", mend);
  return out;
}

}  // namespace pollux::config

// SPDX-License-Identifier: Apache-2.0
#include "config/item_faults.hpp"

#include <fmt/format.h>

namespace pollux::config {

void ItemFaults::add(const EachItem& item, std::string_view name, Fault fault) {
  Key key{&item.of(), fault.at.line, fault.at.column, fault.expected};
  auto known = faults_.find(key);
  if (known == faults_.end()) {
    faults_.emplace(std::move(key), Same{item, std::string(name), std::move(fault), item.index(), 1});
  } else if (known->second.last != item.index()) {
    known->second.last = item.index();
    ++known->second.items;
  }
}

Fault ItemFaults::told(Same& same) {
  Fault& fault = same.fault;
  const ForEach& of = same.first.of();
  std::size_t size = of.size();
  if (same.items == size && size > 1) {
    // All of them: it is the poll as it is written that is wrong.
    std::string prefix = "polls." + same.name;
    if (fault.path.starts_with(prefix)) fault.path = "polls." + of.poll + fault.path.substr(prefix.size());
    return std::move(fault);
  }
  std::string which = "for " + same.first.label();
  if (same.items > 1) which += fmt::format(", and {} more of {}", same.items - 1, size);
  fault.found = which + ": " + fault.found;
  return std::move(fault);
}

void ItemFaults::move_to(std::vector<Fault>& faults) {
  for (auto& [key, same] : faults_) faults.push_back(told(same));
  faults_.clear();
}

}  // namespace pollux::config

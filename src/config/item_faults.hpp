#pragma once
// SPDX-License-Identifier: Apache-2.0
// Faults of the polls that one `for_each` makes, told once each: what is wrong with all of 13,974 items is
// one fault, and what is wrong with some of them names the first one and how many more there are. Lives for
// one load; not thread-safe.

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "config/each_item.hpp"
#include "config/load.hpp"

namespace pollux::config {

class ItemFaults {
 public:
  /// `name`: of the poll that this item makes, as it stands in the fault's path.
  void add(const EachItem& item, std::string_view name, Fault fault);
  /// Puts all there is behind `faults`, and forgets it.
  void move_to(std::vector<Fault>& faults);

 private:
  // Faults at one place that expect the same are the same fault, whatever stood there for each item.
  using Key = std::tuple<const ForEach*, int, int, std::string>;
  struct Same {
    EachItem first;  // keeps the ForEach alive, and so the key's address its own
    std::string name;
    Fault fault;
    std::size_t last = 0;
    std::size_t items = 1;
  };
  static Fault told(Same& same);

  std::map<Key, Same> faults_;
};

}  // namespace pollux::config

#pragma once
// SPDX-License-Identifier: Apache-2.0
// Texts of the file that a run completes, and places in the file. Values; no I/O.

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/shared_text.hpp"

namespace pollux::config {

/// A place in a file, both from 1; {0, 0} is "the file as a whole".
struct Mark {
  int line = 0;
  int column = 0;
  bool operator==(const Mark&) const = default;
};

/// A text with places that are filled in when a run comes to it: `${step:list.items[0].id}` is taken from an
/// earlier step's answer, `${date:yesterday}` from the run's time. Environment, file and vcap variables are
/// already in it.
struct Template {
  struct StepRef {
    std::string step;
    std::vector<std::variant<std::string, std::size_t>> path;  // keys and indexes below the step's answer
    bool operator==(const StepRef&) const = default;
  };
  struct DateRef {
    int days = 0;  // from the day of the run, in the poll's time zone: yesterday is -1
    bool operator==(const DateRef&) const = default;
  };
  /// `${cursor}`, or `${cursor.since}` where the cursor is an object.
  struct CursorRef {
    std::vector<std::variant<std::string, std::size_t>> path;
    bool operator==(const CursorRef&) const = default;
  };
  using Part = std::variant<std::string, StepRef, DateRef, CursorRef>;
  std::vector<Part> parts;

  bool operator==(const Template&) const = default;
};

/// JSON or form body whose leaves may be templates.
struct BodyNode {
  using List = std::vector<BodyNode>;
  struct Member;
  using Object = std::vector<Member>;
  /// JSON that nothing is filled into is kept as its text: a scalar (null, true, 12.50), or a value of a
  /// for_each.
  struct Raw {
    SharedText json;
  };
  std::variant<Raw, Template, List, Object> value;
};
struct BodyNode::Member {
  std::string name;
  BodyNode value;
};

using TemplatePairs = std::vector<std::pair<std::string, Template>>;

}  // namespace pollux::config

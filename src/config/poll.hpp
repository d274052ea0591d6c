#pragma once
// SPDX-License-Identifier: Apache-2.0
// A poll as the file describes it: when, and the four verbs. Written by load() (load.hpp), read-only
// afterwards. No I/O.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/units.hpp"
#include "calendar/schedule_rule.hpp"
#include "config/template.hpp"

namespace pollux::config {

enum class Method { kGet, kPost };
enum class Format { kJson, kText };

struct Step {
  std::string name;      // empty for the only step of an unnamed fetch
  std::string upstream;  // key of File::upstreams
  Method method = Method::kGet;
  Template path;  // joined to the upstream's url
  TemplatePairs query;
  TemplatePairs headers;
  std::variant<std::monostate, BodyNode /*json*/, TemplatePairs /*form*/> body;
  Format expect = Format::kJson;
  std::vector<std::size_t> after;  // indexes of the steps whose answers it uses
};

struct Transform {
  /// From this place of the program on, the file runs in step with it: see place_in_file (program_place.hpp).
  struct Anchor {
    int line = 1;
    int column = 1;
    Mark at;
    bool operator==(const Anchor&) const = default;
  };
  std::string jq;               // empty: the answer passes through untouched
  Mark at;                      // where the first line of the program stands
  int indent = 0;               // columns that YAML took from each further line's front
  bool block = false;           // written as a block scalar (|, >): its first line is the line after the mark
  std::vector<Anchor> anchors;  // where the program's lines stand in the file, however YAML folded them
  bool round_integers = false;  // `large_integers: round`: let jq 1.6 change integers beyond 2^53
  Millis timeout = std::chrono::seconds(5);
  Bytes memory{256ULL << 20};
};

struct Check {
  std::optional<std::filesystem::path> schema;
  Mark schema_at;
  std::optional<Millis> stale_after;
};

struct Publication {
  std::string to;  // key of File::stores
  std::string path;
  std::string cache;         // Cache-Control; empty: none
  std::string content_type;  // empty: by format
};

struct Poll {
  std::string name;
  calendar::ScheduleRule schedule;
  Millis jitter{0};  // each run starts up to this much later, by chance
  std::vector<Step> steps;
  bool named_steps = false;  // the input of transform is an object of answers by name
  Transform transform;
  Check check;
  std::vector<Publication> publish;
  std::string vars_json = "{}";  // $vars
};

}  // namespace pollux::config

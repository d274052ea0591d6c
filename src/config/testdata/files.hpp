#pragma once
// SPDX-License-Identifier: Apache-2.0
// Files that load() must take and files that it must refuse, each with the place and the words of its fault.
// Shared by load_test and schema_test, so that the reader and the JSON Schema answer to the same table.

#include <map>
#include <string>
#include <vector>

#include "config/load.hpp"

namespace pollux::config::testdata {

/// Whether the JSON Schema can see the fault.
enum class Seen {
  kBySchema,
  kByReaderOnly,  // it spans places, needs the environment, or is no matter of values (YAML itself, time
                  // zones, ranges)
};

struct Broken {
  std::string yaml;
  Mark at;
  std::string path;
  std::string says;  // part of Fault::text()
  Seen seen = Seen::kBySchema;
  std::size_t faults = 1;
};

const std::vector<Broken>& broken_files();
const std::vector<std::string>& good_files();

/// Variables and files that the texts above count on.
const std::map<std::string, std::string>& variables();
const std::map<std::string, std::string>& files();
Environment fake_environment(std::string yaml);

}  // namespace pollux::config::testdata

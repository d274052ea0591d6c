#pragma once
// SPDX-License-Identifier: Apache-2.0
// Where objects go, as the file describes it. Written by load() (load.hpp), read-only afterwards. No I/O.

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "config/s3_store.hpp"

namespace pollux::config {

struct DirectoryStore {
  std::filesystem::path directory;
};
struct Store {
  std::string name;
  std::variant<DirectoryStore, S3Store> kind;
  std::vector<std::string> cors_origins;  // empty: any origin
};

}  // namespace pollux::config

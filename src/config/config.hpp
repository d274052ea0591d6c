#pragma once
// SPDX-License-Identifier: Apache-2.0
// A checked pollux.yaml as plain structs: every reference resolved, every variable substituted, every
// duration a duration. Written once by load() (load.hpp), read-only and shared by everything afterwards. No
// I/O here.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "config/poll.hpp"
#include "config/store.hpp"
#include "config/upstream.hpp"

namespace pollux::config {

struct Listen {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any free one
  bool operator==(const Listen&) const = default;
};
enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kAuto, kText, kJson };  // auto: text on a terminal, JSON lines elsewhere
struct Log {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kAuto;
  bool operator==(const Log&) const = default;
};

struct File {
  std::filesystem::path path;
  std::map<std::string, Upstream> upstreams;
  std::map<std::string, Store> stores;  // never empty: "local" (./public) where none is named
  std::map<std::string, Poll> polls;
  std::filesystem::path state;  // .pollux/state.db beside the file
  Listen listen;
  Log log;
  std::filesystem::path
      system_certificates;      // CF_SYSTEM_CERT_PATH: a folder of CAs to trust besides; may be empty
  std::vector<Secret> secrets;  // every secret value that was substituted anywhere
};

}  // namespace pollux::config

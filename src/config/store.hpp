#pragma once
// SPDX-License-Identifier: Apache-2.0
// Where objects go, as the file describes it. Written by load() (load.hpp), read-only afterwards. No I/O.

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/upstream.hpp"

namespace pollux::config {

struct DirectoryStore {
  std::filesystem::path directory;
};
struct S3Store {
  enum class Addressing { kAuto, kPath, kVirtualHost };  // auto: path-style for a custom endpoint
  std::string bucket;
  std::string region = "us-east-1";
  std::string prefix;    // put before each path; "" or ends as the user wrote it
  std::string endpoint;  // empty: Amazon's, from the region
  std::string access_key_id;
  Secret secret_access_key;
  std::optional<Secret> session_token;
  Addressing addressing = Addressing::kAuto;
  std::string acl;  // canned ACL; empty: none is sent, the bucket's policy decides
  bool gzip = true;
  std::optional<Secret> proxy;
  std::optional<EnvironmentProxy> environment_proxy;  // in place of `proxy`
  std::optional<std::filesystem::path> proxy_ca_file;
  std::optional<std::filesystem::path> ca_file;
  Timeouts timeouts;
};
struct Store {
  std::string name;
  std::variant<DirectoryStore, S3Store> kind;
  std::vector<std::string> cors_origins;  // empty: any origin
};

}  // namespace pollux::config

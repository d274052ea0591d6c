#pragma once
// SPDX-License-Identifier: Apache-2.0
// The system's CAs and those of a folder besides (Cloud Foundry: CF_SYSTEM_CERT_PATH), as one file: libcurl
// takes one file for each connection, and copying a bundle into each would cost more than the connection. The
// file is in memory and sealed, so nobody can add to it. Made once at the start, owned by the client's
// options; immutable, any thread.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace pollux::net {

class CaBundle {
 public:
  /// `system`: a PEM file; absent files count as empty. kUsage when `folder` cannot be read; a file in it
  /// that holds no certificate is left out with a warning.
  static Result<std::shared_ptr<const CaBundle>> make(const std::filesystem::path& system,
                                                      const std::filesystem::path& folder);
  /// With what libcurl was built to trust.
  static Result<std::shared_ptr<const CaBundle>> make(const std::filesystem::path& folder);
  ~CaBundle();
  CaBundle(const CaBundle&) = delete;
  CaBundle& operator=(const CaBundle&) = delete;

  /// Good as long as this object lives.
  std::string path() const;
  std::size_t added() const { return added_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  explicit CaBundle(int fd) : fd_(fd) {}

  int fd_;
  std::size_t added_ = 0;  // certificates of the folder
  std::vector<std::string> warnings_;
};

}  // namespace pollux::net

#pragma once
// SPDX-License-Identifier: Apache-2.0
// An egress.yaml in an /etc of the test's own.

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "egress/file/egress_file.hpp"

namespace pollux::egress {

class EgressFileFixture : public testing::Test {
 protected:
  config::Environment environment() {
    return {[this](const std::string& name) -> std::optional<std::string> {
              auto found = variables_.find(name);
              return found == variables_.end() ? std::nullopt : std::optional(found->second);
            },
            [this](const std::filesystem::path& path) -> Result<std::string> {
              auto found = files_.find(path.string());
              if (found == files_.end()) return fail(ErrorKind::kUsage, path.string() + ": no such file");
              return found->second;
            }};
  }
  auto load(const std::string& text) {
    files_["/etc/egress.yaml"] = text;
    return load_egress("/etc/egress.yaml", environment(), {});
  }
  static std::vector<std::string> texts(const EgressFaults& faults) {
    std::vector<std::string> out;
    for (const config::Fault& fault : faults) out.push_back(fault.text());
    return out;
  }
  std::vector<std::string> faults_of(const std::string& text) {
    auto loaded = load(text);
    return texts(loaded ? EgressFaults() : loaded.error());
  }

  std::map<std::string, std::string> variables_;
  std::map<std::string, std::string> files_;
};

}  // namespace pollux::egress

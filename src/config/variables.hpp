#pragma once
// SPDX-License-Identifier: Apache-2.0
// What ${NAME}, ${file:PATH} and ${vcap:service.key} stand for, and whether that is a secret. Asks the
// Environment that load() was given and nothing else. One object for each load; not thread-safe.

#include <boost/json/value.hpp>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "config/load.hpp"
#include "config/pieces.hpp"

namespace pollux::config {

struct VariableValue {
  std::string text;
  bool secret = false;
};

class Variables {
 public:
  /// Both must outlive it. File paths are relative to `directory`.
  Variables(const Environment& environment, const std::filesystem::path& directory)
      : environment_(environment), directory_(directory) {}

  std::expected<VariableValue, PieceFault> value_of(const VariableRef& ref);

 private:
  std::expected<VariableValue, PieceFault> from_file(const std::string& path) const;
  std::expected<VariableValue, PieceFault> from_vcap(const std::string& name);

  const Environment& environment_;
  const std::filesystem::path& directory_;
  std::optional<boost::json::value> vcap_;  // VCAP_SERVICES, parsed when first asked for
};

/// Whether a variable of that name holds a secret: KEY, SECRET, TOKEN or PASSWORD in it, in any case.
bool names_a_secret(std::string_view name);

}  // namespace pollux::config

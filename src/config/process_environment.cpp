// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

#include "config/load.hpp"

namespace pollux::config {
namespace {

Result<std::string> read_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return fail(ErrorKind::kUsage, path.string() + " is a directory");
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (in) {
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in.bad()) return text;
  }
  auto why = errno != 0 ? std::generic_category().message(errno) : "it cannot be read";
  return fail(ErrorKind::kUsage, path.string() + ": " + why);
}

std::optional<std::string> variable(const std::string& name) {
  if (name.find(':') != std::string::npos) return std::nullopt;  // what stands behind it is asked for next
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace

Environment process_environment() { return {variable, read_file}; }

}  // namespace pollux::config

// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include "config/file_shape.hpp"
#include "config/link.hpp"
#include "config/reader.hpp"
#include "config/yaml_file.hpp"

namespace pollux::config {

std::expected<std::string, std::vector<Fault>> text_of_file(const std::filesystem::path& path,
                                                            const Environment& environment) {
  auto bytes = environment.read(path);
  if (!bytes) {
    return std::unexpected(
        std::vector{Fault{path, {}, "", "cannot be read: " + bytes.error().message, "a file", "", false}});
  }
  if (bytes->starts_with("\xEF\xBB\xBF")) bytes->erase(0, 3);
  return std::move(*bytes);
}

std::expected<Loaded, std::vector<Fault>> load(const std::filesystem::path& path,
                                               const Environment& environment) {
  auto text = text_of_file(path, environment);
  if (!text) return std::unexpected(std::move(text.error()));
  Reader reader(environment, path, *text);
  Loaded loaded;
  FileDraft draft;
  const NodePtr root =
      read_yaml(reader, *text, file_shape(), "a map with at least `upstreams` and `polls`", draft);
  if (root) loaded.file = link(reader, std::move(draft));
  if (auto faults = reader.take_faults(); !faults.empty()) return std::unexpected(std::move(faults));
  loaded.file.path = path;
  loaded.file.system_certificates = environment.variable("CF_SYSTEM_CERT_PATH").value_or("");
  loaded.file.secrets = reader.take_secrets();
  loaded.warnings = reader.take_warnings();
  return loaded;
}

}  // namespace pollux::config

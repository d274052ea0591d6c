// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include "config/file_shape.hpp"
#include "config/link.hpp"
#include "config/reader.hpp"
#include "config/yaml_source.hpp"

namespace pollux::config {

std::expected<Loaded, std::vector<Fault>> load(const std::filesystem::path& path,
                                               const Environment& environment) {
  auto bytes = environment.read(path);
  if (!bytes) {
    return std::unexpected(
        std::vector{Fault{path, {}, "", "cannot be read: " + bytes.error().message, "a file", "", false}});
  }
  std::string_view text = *bytes;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Reader reader(environment, path, text);
  YamlDocument yaml = parse_yaml(text);
  for (YamlFault& fault : yaml.faults)
    reader.fault(fault.at, std::move(fault.found), std::move(fault.expected));
  Loaded loaded;
  if (yaml.root) {
    FileDraft draft;
    if (yaml.root->is(Node::Kind::kNull)) {
      reader.fault({1, 1}, "an empty file", "a map with at least `upstreams` and `polls`");
    } else {
      file_shape().read(reader, *yaml.root, draft);
    }
    loaded.file = link(reader, std::move(draft));
  }
  if (auto faults = reader.take_faults(); !faults.empty()) return std::unexpected(std::move(faults));
  loaded.file.path = path;
  loaded.file.system_certificates = environment.variable("CF_SYSTEM_CERT_PATH").value_or("");
  loaded.file.secrets = reader.take_secrets();
  loaded.warnings = reader.take_warnings();
  return loaded;
}

}  // namespace pollux::config

#pragma once
// SPDX-License-Identifier: Apache-2.0
// A file of YAML, read by a shape: what pollux.yaml and egress.yaml have in common. Any thread.

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "config/reader.hpp"
#include "config/shape.hpp"
#include "config/yaml_source.hpp"

namespace pollux::config {

/// The file's text without a byte order mark; the fault when it cannot be read.
std::expected<std::string, std::vector<Fault>> text_of_file(const std::filesystem::path& path,
                                                            const Environment& environment);

/// Fills `out` as far as it can; what is wrong becomes a fault of the reader. `least` completes "expected
/// ..." for an empty file. The root; nullptr where there is none that could be read.
template <class T>
NodePtr read_yaml(Reader& reader, std::string_view text, const Shape<T>& shape, const std::string& least,
                  T& out) {
  YamlDocument yaml = parse_yaml(text);
  for (YamlFault& fault : yaml.faults)
    reader.fault(fault.at, std::move(fault.found), std::move(fault.expected));
  if (!yaml.root) return nullptr;
  if (yaml.root->is(Node::Kind::kNull)) {
    reader.fault({1, 1}, "an empty file", least);
  } else {
    shape.read(reader, *yaml.root, out);
  }
  return yaml.root;
}

}  // namespace pollux::config

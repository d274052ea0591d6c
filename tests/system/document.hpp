#pragma once
// SPDX-License-Identifier: Apache-2.0
// The examples of a document, so that a test can run what its readers will copy. An example is a ```yaml
// block; before it in the same section may stand blocks with a file that it reads (```json file=NAME, ```csv
// file=NAME), after it blocks with what it publishes (```json published=PATH). Everything else (```yaml-part,
// transcripts) is only read. Pure.

#include <string>
#include <utility>
#include <vector>

namespace pollux::test {

struct Example {
  std::string section;  // the heading that it stands under
  int line = 0;         // of the block's first line in the document
  std::string yaml;
  std::vector<std::pair<std::string, std::string>> files;      // name and text
  std::vector<std::pair<std::string, std::string>> published;  // path and JSON
};

/// In the order of the document.
std::vector<Example> examples_of(const std::string& markdown);

}  // namespace pollux::test

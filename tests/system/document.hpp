#pragma once
// SPDX-License-Identifier: Apache-2.0
// The examples of a document, so that a test can run what its readers will copy. An example is a ```yaml
// block; before it in the same section may stand blocks with a file that it reads (```json file=NAME, ```csv
// file=NAME), after it blocks with what it publishes (```json published=PATH) and transcripts (```console).
// Everything else (```yaml-part) is only read. Pure.

#include <string>
#include <utility>
#include <vector>

namespace pollux::test {

/// Of a transcript: what stands behind `$ `, and the lines below it.
struct Command {
  std::string line;
  std::string output;
};

struct Example {
  std::string section;  // the heading that it stands under
  int line = 0;         // of the block's first line in the document
  std::string yaml;
  std::vector<std::pair<std::string, std::string>> files;      // name and text
  std::vector<std::pair<std::string, std::string>> published;  // path and JSON
  std::vector<Command> commands;                               // of its transcripts
};

/// An empty line before a command is no output of the one above it.
std::vector<Command> commands_of(const std::string& transcript);

/// What stands in the blocks of this kind, in the order of the document.
std::vector<std::string> blocks_of(const std::string& markdown, const std::string& info);

/// In the order of the document.
std::vector<Example> examples_of(const std::string& markdown);

}  // namespace pollux::test

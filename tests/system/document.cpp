// SPDX-License-Identifier: Apache-2.0
#include "tests/system/document.hpp"

#include <sstream>

namespace pollux::test {
namespace {

// What stands after `key=` in a fence's info string.
std::string word_after(const std::string& info, const std::string& key) {
  auto at = info.find(key + "=");
  if (at == std::string::npos) return "";
  at += key.size() + 1;
  return info.substr(at, info.find(' ', at) - at);
}

struct Block {
  std::string section;
  std::string info;
  std::string text;
  int line = 0;  // its first
};

std::vector<Block> all_blocks(const std::string& markdown) {
  std::vector<Block> out;
  std::istringstream lines(markdown);
  std::string line;
  std::string section;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.starts_with("#")) section = line.substr(line.find_first_not_of("# "));
    if (!line.starts_with("```")) continue;
    Block block{section, line.substr(3), "", number + 1};
    for (++number; std::getline(lines, line) && line != "```"; ++number) block.text += line + "\n";
    out.push_back(std::move(block));
  }
  return out;
}

}  // namespace

std::vector<Example> examples_of(const std::string& markdown) {
  std::vector<Example> examples;
  std::vector<std::pair<std::string, std::string>> waiting;  // files of the next example
  std::string section;
  for (Block& block : all_blocks(markdown)) {
    if (block.section != section) waiting.clear();
    section = block.section;
    const std::string file = word_after(block.info, "file");
    const std::string published = word_after(block.info, "published");
    if (!file.empty()) {
      waiting.emplace_back(file, std::move(block.text));
    } else if (!published.empty() && !examples.empty()) {
      examples.back().published.emplace_back(published, std::move(block.text));
    } else if (block.info == "yaml") {
      examples.push_back({section, block.line, std::move(block.text), std::exchange(waiting, {}), {}, {}});
    } else if (block.info == "console" && !examples.empty()) {
      for (Command& command : commands_of(block.text)) examples.back().commands.push_back(std::move(command));
    }
  }
  return examples;
}

std::vector<Command> commands_of(const std::string& transcript) {
  std::vector<Command> commands;
  std::istringstream lines(transcript);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("$ ")) {
      commands.push_back({line.substr(2), ""});
    } else if (!commands.empty()) {
      commands.back().output += line + "\n";
    }
  }
  for (Command& command : commands) {
    if (command.output == "\n" || command.output.ends_with("\n\n")) command.output.pop_back();
  }
  return commands;
}

std::vector<std::string> blocks_of(const std::string& markdown, const std::string& info) {
  std::vector<std::string> out;
  for (Block& block : all_blocks(markdown)) {
    if (block.info == info) out.push_back(std::move(block.text));
  }
  return out;
}

}  // namespace pollux::test

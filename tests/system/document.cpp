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

class Scanner {
 public:
  void block(const std::string& info, std::string text, int line) {
    const std::string file = word_after(info, "file");
    const std::string published = word_after(info, "published");
    if (!file.empty()) {
      waiting_.emplace_back(file, std::move(text));
    } else if (!published.empty() && !examples_.empty()) {
      examples_.back().published.emplace_back(published, std::move(text));
    } else if (info == "yaml") {
      examples_.push_back({section_, line, std::move(text), std::exchange(waiting_, {}), {}});
    }
  }
  void heading(std::string text) {
    section_ = std::move(text);
    waiting_.clear();
  }
  std::vector<Example> take() { return std::move(examples_); }

 private:
  std::string section_;
  std::vector<std::pair<std::string, std::string>> waiting_;
  std::vector<Example> examples_;
};

}  // namespace

std::vector<Example> examples_of(const std::string& markdown) {
  Scanner scanner;
  std::istringstream lines(markdown);
  std::string line;
  int number = 0;
  while (std::getline(lines, line)) {
    ++number;
    if (line.starts_with("#")) scanner.heading(line.substr(line.find_first_not_of("# ")));
    if (!line.starts_with("```")) continue;
    const std::string info = line.substr(3);
    const int first = number + 1;
    std::string text;
    while (std::getline(lines, line) && line != "```") {
      ++number;
      text += line + "\n";
    }
    ++number;
    scanner.block(info, std::move(text), first);
  }
  return scanner.take();
}

}  // namespace pollux::test

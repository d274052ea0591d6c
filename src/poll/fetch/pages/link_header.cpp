// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/pages/link_header.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace pollux::fetch {
namespace {

constexpr std::string_view kSpace = " \t";

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool done() const { return at_ >= text_.size(); }
  bool take(char c) {
    skip_space();
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string_view up_to(std::string_view stops) {
    std::size_t end = std::min(text_.find_first_of(stops, at_), text_.size());
    std::string_view found = text_.substr(at_, end - at_);
    at_ = end;
    return found;
  }
  std::string_view token() {
    skip_space();
    return up_to(" \t=;,\"<>");
  }
  /// token or quoted-string (RFC 9110, 5.6.4)
  std::string value() {
    if (!take('"')) return std::string(token());
    std::string out;
    while (!done() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      out += text_[at_++];
    }
    if (!done()) ++at_;
    return out;
  }

 private:
  void skip_space() { at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size()); }
  std::string_view text_;
  std::size_t at_ = 0;
};

bool has_relation(std::string_view relations, std::string_view rel) {
  while (!relations.empty()) {
    relations.remove_prefix(std::min(relations.find_first_not_of(kSpace), relations.size()));
    std::size_t end = std::min(relations.find_first_of(kSpace), relations.size());
    if (end > 0 && ascii_iequals(relations.substr(0, end), rel)) return true;
    relations.remove_prefix(end);
  }
  return false;
}

}  // namespace

std::optional<std::string> find_link(std::string_view header, std::string_view rel) {
  Scanner scanner(header);
  while (!scanner.done()) {
    if (scanner.take(',')) continue;
    if (!scanner.take('<')) return std::nullopt;
    std::string target(scanner.up_to(">"));
    if (!scanner.take('>')) return std::nullopt;
    std::optional<std::string> relations;
    bool elsewhere = false;
    while (scanner.take(';')) {
      std::string_view name = scanner.token();
      std::string value = scanner.take('=') ? scanner.value() : "";
      if (ascii_iequals(name, "rel") && !relations) relations = value;  // 3.3: only the first one counts
      if (ascii_iequals(name, "anchor")) elsewhere = true;
    }
    if (!elsewhere && relations && has_relation(*relations, rel)) return target;
    if (!scanner.done() && !scanner.take(',')) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace pollux::fetch

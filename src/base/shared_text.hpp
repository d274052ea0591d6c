#pragma once
// SPDX-License-Identifier: Apache-2.0
// A text that many hold and nobody changes: thousands of polls of one `for_each` have the same jq program,
// and it is in memory once. Copies cost a counter. Values; any thread.

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace pollux {

class SharedText {
 public:
  SharedText() = default;
  // From and to texts without a word: it is one.
  SharedText(std::string text) {
    if (!text.empty()) text_ = std::make_shared<const std::string>(std::move(text));
  }
  SharedText(const char* text) : SharedText(std::string(text)) {}

  const std::string& str() const { return text_ ? *text_ : nothing(); }
  operator const std::string&() const { return str(); }
  operator std::string_view() const { return str(); }
  bool empty() const { return !text_; }
  std::size_t size() const { return str().size(); }
  /// Whether both are the very same text in memory.
  bool shares(const SharedText& other) const { return text_ == other.text_; }

  template <std::convertible_to<std::string_view> T>
  friend bool operator==(const SharedText& a, const T& b) {
    return std::string_view(a.str()) == std::string_view(b);
  }

 private:
  static const std::string& nothing() {
    static const std::string empty;
    return empty;
  }

  std::shared_ptr<const std::string> text_;  // nullptr: empty
};

}  // namespace pollux

#pragma once
// SPDX-License-Identifier: Apache-2.0
// libjq 1.6 tells the line of a compile error, never the column. So a faulty program is compiled a second
// time as a copy with each token on a line of its own: the line that is then reported names the token. Pure;
// any thread.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pollux::transform {

class TokenLines {
 public:
  explicit TokenLines(std::string_view program);

  /// The copy: starts with a line break, so that line 1 is what is put before it. Without comments.
  const std::string& text() const { return text_; }
  bool empty() const { return tokens_.size() == 1; }  // nothing but the end

  struct Place {
    int line = 1;
    int column = 1;          // in characters, from 1
    std::string_view token;  // empty: the end of the program
  };
  /// What stands in this line of the copy, and where it is in the program.
  Place at(int line) const;
  /// Right behind the last token.
  Place end() const;

 private:
  struct Token {
    int line;  // of the copy
    std::size_t from;
    std::size_t size;
  };
  void add(std::size_t from, std::size_t size, bool on_new_line);
  Place place(const Token& token) const;

  std::string_view program_;
  std::string text_;
  int lines_ = 1;
  std::vector<Token> tokens_;
};

}  // namespace pollux::transform

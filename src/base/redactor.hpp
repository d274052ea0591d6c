#pragma once
// SPDX-License-Identifier: Apache-2.0
// Hides secrets by value, wherever they appear: in an answer's body shown at debug, in libcurl's error text,
// in a URL. It knows each secret as it is, percent-encoded, JSON-escaped and as base64 (at the three
// alignments). Thread-safe.

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"

namespace pollux {

class Redactor {
 public:
  /// Shorter secrets are not searched for: hiding every "42" would make logs useless. `pollux check` warns of
  /// them.
  static constexpr std::size_t kShortest = 6;

  /// From now on hides `secret`, for as long as this object lives.
  void hide(const Secret& secret);

  /// From now on hides `secret` too, but forgets the oldest of these beyond kPassing: assertions come and go.
  /// One that is hidden again is the newest again.
  void hide_passing(const Secret& secret);

  /// Hides the secret that is in use for `purpose` for as long as it is; the one that it takes the place of
  /// is then a passing one.
  void hide_in_use(const std::string& purpose, const Secret& secret);

  /// `text` with each occurrence of each secret replaced by ***.
  std::string redact(std::string_view text) const;

  /// Whether any secret stands in `text`.
  bool reveals(std::string_view text) const;

 private:
  static constexpr std::size_t kPassing = 64;
  using Forms = std::vector<std::string>;

  void pass(Forms forms);

  mutable std::mutex mutex_;
  std::vector<Forms> lasting_;
  std::map<std::string, Forms> in_use_;
  std::deque<Forms> passing_;
};

}  // namespace pollux

#pragma once
// SPDX-License-Identifier: Apache-2.0
// The buffers that a tunnel under TLS copies through, each as large as a TLS record. Borrowed for as long as
// bytes are under way, so that an idle tunnel holds none; a few are kept for the next. Owned by the proxy,
// outlives its tunnels; io thread.

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace pollux::egress {

using Buffer = std::array<char, 16 * 1024>;

class Buffers {
 public:
  /// `kept` of them wait for their next use; more are freed.
  explicit Buffers(std::size_t kept = 64) : kept_(kept) {}

  std::unique_ptr<Buffer> borrow() {
    ++lent_;
    if (free_.empty()) return std::make_unique_for_overwrite<Buffer>();
    std::unique_ptr<Buffer> out = std::move(free_.back());
    free_.pop_back();
    return out;
  }
  void give_back(std::unique_ptr<Buffer> buffer) {
    --lent_;
    if (free_.size() < kept_) free_.push_back(std::move(buffer));
  }
  /// How many are in use.
  std::size_t lent() const { return lent_; }

 private:
  std::size_t kept_;
  std::size_t lent_ = 0;
  std::vector<std::unique_ptr<Buffer>> free_;
};

/// Bytes on their way through a buffer that is borrowed when the first of them come. Moves.
class BorrowedBytes {
 public:
  explicit BorrowedBytes(Buffers& buffers) : buffers_(buffers) {}

  /// Where the next ones go, `most` of them at the most. Nothing is held.
  std::span<char> space(std::size_t most) {
    if (!buffer_) buffer_ = buffers_.borrow();
    return std::span(*buffer_).first(std::min(most, buffer_->size()));
  }
  void came(std::size_t count) { held_ = std::span(*buffer_).first(count); }
  std::span<const char> held() const { return held_; }
  void went(std::size_t count) { held_ = held_.subspan(count); }
  /// What is held is gone.
  void rest() {
    held_ = {};
    if (buffer_) buffers_.give_back(std::move(buffer_));
  }

 private:
  Buffers& buffers_;
  std::unique_ptr<Buffer> buffer_;
  std::span<const char> held_;
};

}  // namespace pollux::egress

#pragma once
// SPDX-License-Identifier: Apache-2.0
// The kernel's pipes that relayed bytes wait in, on their way from one socket to the other by splice(2). A
// tunnel borrows one for as long as bytes are under way, so that an idle tunnel holds none; a few are kept
// for the next. Owned by the proxy, outlives its tunnels; io thread.

#include <cstddef>
#include <optional>
#include <vector>

namespace pollux::egress {

/// What a pipe is asked to hold, 8 times the default: a bulk transfer needs fewer turns. The kernel gives to
/// the pipes of one user so much in all, and the default or less beyond (pipe(7), pipe-user-pages-soft).
constexpr std::size_t kPipeSize = 512 * 1024;

/// How many there are at the most, lent and kept: as many of kPipeSize as the kernel gives to one user (64
/// MiB). Beyond, a pipe would hold two pages, less than a buffer that is copied through, and cost two
/// descriptors, which whoever reads slowly would keep from others.
constexpr std::size_t kMostPipes = 128;

/// Both ends of a pipe, non-blocking. Moves, closes itself.
class Pipe {
 public:
  Pipe() = default;
  Pipe(int read_end, int write_end) : read_end_(read_end), write_end_(write_end) {}
  Pipe(Pipe&& other) noexcept;
  Pipe& operator=(Pipe&& other) noexcept;
  ~Pipe();

  bool is_open() const { return read_end_ >= 0; }
  int read_end() const { return read_end_; }
  int write_end() const { return write_end_; }

 private:
  int read_end_ = -1;
  int write_end_ = -1;
};

class Pipes {
 public:
  /// `kept` empty ones wait for their next use; more are closed.
  explicit Pipes(std::size_t kept = 64, std::size_t most = kMostPipes) : kept_(kept), most_(most) {}

  /// An empty one. nullopt: all are lent, or no file descriptor is left.
  std::optional<Pipe> borrow();
  /// One that is not empty is closed.
  void give_back(Pipe pipe, bool is_empty);

 private:
  std::size_t kept_;
  std::size_t most_;
  std::size_t lent_ = 0;
  std::vector<Pipe> free_;
};

}  // namespace pollux::egress

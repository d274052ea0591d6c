// SPDX-License-Identifier: Apache-2.0
#include "egress/tunnel/pipes.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace pollux::egress {

Pipe::Pipe(Pipe&& other) noexcept
    : read_end_(std::exchange(other.read_end_, -1)), write_end_(std::exchange(other.write_end_, -1)) {}

Pipe& Pipe::operator=(Pipe&& other) noexcept {
  std::swap(read_end_, other.read_end_);
  std::swap(write_end_, other.write_end_);
  return *this;
}

Pipe::~Pipe() {
  if (read_end_ >= 0) ::close(read_end_);
  if (write_end_ >= 0) ::close(write_end_);
}

std::optional<Pipe> Pipes::borrow() {
  if (lent_ >= most_) return std::nullopt;
  if (!free_.empty()) {
    Pipe pipe = std::move(free_.back());
    free_.pop_back();
    ++lent_;
    return pipe;
  }
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return std::nullopt;
  // Where it may not have so much it has what it has.
  ::fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(kPipeSize));
  ++lent_;
  return Pipe(ends[0], ends[1]);
}

void Pipes::give_back(Pipe pipe, bool is_empty) {
  --lent_;
  if (is_empty && free_.size() < kept_) free_.push_back(std::move(pipe));
}

}  // namespace pollux::egress

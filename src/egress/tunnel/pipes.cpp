// SPDX-License-Identifier: Apache-2.0
#include "egress/tunnel/pipes.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
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

std::expected<Pipe, std::error_code> Pipes::borrow() {
  if (!free_.empty()) {
    Pipe pipe = std::move(free_.back());
    free_.pop_back();
    return pipe;
  }
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0)
    return std::unexpected(std::error_code(errno, std::generic_category()));
  // Where it may not have so much it has what it has.
  ::fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(kPipeSize));
  return Pipe(ends[0], ends[1]);
}

void Pipes::give_back(Pipe pipe) {
  if (free_.size() < kept_) free_.push_back(std::move(pipe));
}

}  // namespace pollux::egress

#pragma once
// SPDX-License-Identifier: Apache-2.0
// One step of reading or writing a socket that does not block: done, or what to wait for. Any thread.

#include <sys/uio.h>

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <span>

namespace pollux::egress {

enum class Want { kNothing, kRead, kWrite };

struct Step {
  Want want = Want::kNothing;  // not now: again, with the same bytes, once the socket can be read or written
  boost::system::error_code error;  // asio::error::eof: the other side has said all
  std::size_t count = 0;
};

/// eof where no more will come.
Step receive(int socket, std::span<char> into);
/// Those at the front, as many as there is room for.
Step send(int socket, std::span<const iovec> pieces);
Step send(int socket, std::span<const char> bytes);
/// From a socket into a pipe or back, inside of the kernel; `most` is not 0. `want`: what to wait for.
Step splice(int from, int to, std::size_t most, Want want);

}  // namespace pollux::egress

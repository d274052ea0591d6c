#pragma once
// SPDX-License-Identifier: Apache-2.0
// A tunnel once it stands: bytes from one socket to the other, both ways, inside of the kernel (splice(2)),
// until both sides have ended. A side that ends sends no more but still hears the other (half-close is kept);
// a side that is slow slows the other down; a side that resets has the other reset. io thread.

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "egress/tunnel/buffers.hpp"
#include "egress/tunnel/pipes.hpp"
#include "net/task.hpp"

namespace pollux::egress {

struct RelayLimits {
  Millis idle{std::chrono::minutes(10)};  // neither side has sent anything for so long
  std::uint64_t most_bytes = 0;           // both ways together; 0: any number
};

struct Relayed {
  enum class End { kBoth, kReset, kIdle, kTooMuch };
  End end = End::kBoth;
  std::uint64_t up = 0;    // bytes from the client
  std::uint64_t down = 0;  // bytes to the client
};

/// "ended", "reset", "idle", "too_many_bytes".
std::string_view name(Relayed::End end);

/// Both sockets are open; they are closed when it returns. They, `pipes` and the `buffers` for when no pipe
/// is left outlive it. Canceled, it closes them and throws operation_aborted.
Task<Relayed> relay(asio::ip::tcp::socket& client, asio::ip::tcp::socket& server, Pipes& pipes,
                    Buffers& buffers, RelayLimits limits);

}  // namespace pollux::egress

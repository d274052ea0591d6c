#pragma once
// SPDX-License-Identifier: Apache-2.0
// The heads of one client's requests, as their bytes come, each with an end to the waiting for it. Private to
// this folder; owned by the connection, whose stream, buffer and options outlive it; io thread.

#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>

#include "egress/proxy/client_stream.hpp"
#include "egress/proxy/options.hpp"
#include "egress/proxy/request_head.hpp"
#include "net/task.hpp"

namespace pollux::egress {

class HeadReader {
 public:
  using Size = std::expected<std::size_t, std::optional<Refused>>;

  HeadReader(ClientStream& stream, boost::beast::flat_buffer& buffer, const ProxyOptions& options)
      : stream_(stream), buffer_(buffer), options_(options) {}

  /// How long the next head is, which then is what the buffer begins with. nullopt: none came, and nobody is
  /// to be told.
  Task<Size> next();

 private:
  using Moment = std::chrono::steady_clock::time_point;

  Task<boost::system::error_code> read_some(Moment until);

  ClientStream& stream_;
  boost::beast::flat_buffer& buffer_;
  const ProxyOptions& options_;
  bool first_ = true;  // of this connection
};

}  // namespace pollux::egress

// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/head_reader.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string_view>
#include <utility>

namespace pollux::egress {

namespace beast = boost::beast;

Task<boost::system::error_code> HeadReader::read_some(Moment until) {
  const auto left = std::chrono::duration_cast<Millis>(until - std::chrono::steady_clock::now());
  if (left <= Millis(0)) co_return beast::error::timeout;
  stream_.expires_after(left);
  auto space = buffer_.prepare(std::min<std::size_t>(4096, buffer_.max_size() - buffer_.size()));
  auto [error, count] = co_await stream_.async_read_some(space, asio::as_tuple(asio::use_awaitable));
  buffer_.commit(count);
  co_return error;
}

Task<HeadReader::Size> HeadReader::next() {
  // Who has asked for nothing yet has no claim to the time between two requests, nor to that of a head twice.
  const bool first = std::exchange(first_, false);
  Moment until = std::chrono::steady_clock::now() + options_.head_timeout;
  if (buffer_.size() == 0) {
    if (!first) until = std::chrono::steady_clock::now() + options_.keep_alive;
    if (co_await read_some(until)) co_return std::unexpected(std::nullopt);
    if (!first) until = std::chrono::steady_clock::now() + options_.head_timeout;
  }
  // One that comes byte by byte is not looked through from its beginning at each.
  for (std::size_t looked = 0;;) {
    const auto data = buffer_.data();
    const std::string_view text(static_cast<const char*>(data.data()), data.size());
    if (text.size() > options_.head.all || text.find("\r\n\r\n", looked) != std::string_view::npos) {
      auto end = find_head(text, options_.head);
      if (!end) co_return std::unexpected(std::move(end.error()));
      if (*end) co_return **end;
    }
    looked = text.size() < 3 ? 0 : text.size() - 3;
    const boost::system::error_code error = co_await read_some(until);
    if (error == beast::error::timeout) co_return std::unexpected(Refused{408, "the head took too long"});
    if (error) co_return std::unexpected(std::nullopt);
  }
}

}  // namespace pollux::egress

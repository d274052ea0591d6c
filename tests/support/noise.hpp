#pragma once
// SPDX-License-Identifier: Apache-2.0
// Bytes to send through something and to compare where they come out: a piece of one block of noise, begun at
// another place for each stream, so that bytes that are lost, doubled, moved or of another stream are seen.
// One thread.

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <random>
#include <string>
#include <string_view>

#include "net/task.hpp"

namespace pollux::test {

inline std::string random_bytes(std::size_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::string out(count, '\0');
  for (char& c : out) c = static_cast<char>(engine());
  return out;
}

class Noise {
 public:
  using Code = boost::system::error_code;

  struct Heard {
    std::size_t count = 0;
    bool same = true;  // as the noise from there
    Code error;        // how it ended
  };

  explicit Noise(unsigned seed) : dice_(seed), block_(1 << 20, '\0') {
    for (char& c : block_) c = static_cast<char>(dice_());
  }

  /// `count` bytes in pieces of any size. What stopped it, if anything did.
  Task<Code> send(asio::ip::tcp::socket& socket, std::size_t place, std::size_t count) {
    while (count > 0) {
      const auto piece = at(place, std::min<std::size_t>(count, 1 + dice_() % 70'000));
      auto [error, sent] = co_await asio::async_write(socket, piece, asio::as_tuple(asio::use_awaitable));
      if (error) co_return error;
      place += sent;
      count -= sent;
    }
    co_return Code();
  }

  /// And then the end.
  Task<Code> send_all(asio::ip::tcp::socket& socket, std::size_t place, std::size_t count) {
    Code error = co_await send(socket, place, count);
    if (!error) socket.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    co_return error;
  }

  /// Until there is no more.
  Task<Heard> hear(asio::ip::tcp::socket& socket, std::size_t place) const {
    Heard heard;
    std::string piece(16 * 1024, '\0');
    while (!heard.error) {
      auto [error, count] =
          co_await socket.async_read_some(asio::buffer(piece), asio::as_tuple(asio::use_awaitable));
      heard.error = error;
      heard.same = heard.same && same(place + heard.count, std::string_view(piece).substr(0, count));
      heard.count += count;
    }
    co_return heard;
  }

 private:
  asio::const_buffer at(std::size_t place, std::size_t most) const {
    const std::size_t from = place % block_.size();
    return asio::buffer(block_.data() + from, std::min(most, block_.size() - from));
  }

  bool same(std::size_t place, std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto piece = at(place, bytes.size());
      if (std::memcmp(piece.data(), bytes.data(), piece.size()) != 0) return false;
      place += piece.size();
      bytes.remove_prefix(piece.size());
    }
    return true;
  }

  std::mt19937 dice_;
  std::string block_;
};

}  // namespace pollux::test

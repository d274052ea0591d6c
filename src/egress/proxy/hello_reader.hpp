#pragma once
// SPDX-License-Identifier: Apache-2.0
// Reads the ClientHello that a tunnel begins with, out of as many pieces and TLS records as it comes in
// (post-quantum key shares make it larger than a TCP segment), and goes no further into TLS. OpenSSL reads;
// no socket is touched. Owned by who asks; any thread, one at a time. Each holds some 20 KB until it is gone.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "egress/policy/server_name.hpp"
#include "egress/proxy/tls_records.hpp"

namespace pollux::egress {

class HelloReader {
 public:
  /// A hello that has not ended after so many bytes, those of its records' heads among them, is too long.
  /// With all of today's extensions it has 2 KiB.
  static constexpr std::size_t kLongest = 16 * 1024;

  /// kSecond: what a client sends after a HelloRetryRequest. Before the hello there may be records of other
  /// kinds (RFC 8446, D.4; early data that the server has let go of, 4.2.10), up to kMostBefore bytes.
  enum class Which { kFirst, kSecond };
  static constexpr std::size_t kMostBefore = 2 * kLongest;

  explicit HelloReader(Which which = Which::kFirst);
  ~HelloReader();
  HelloReader(const HelloReader&) = delete;
  HelloReader& operator=(const HelloReader&) = delete;

  /// The next bytes. nullopt: more are needed; otherwise there is nothing more to be asked. What stands
  /// behind the hello (early data) is not looked at; in its last record nothing may (RFC 8446, 5.1), it could
  /// be another hello.
  std::optional<SeenHello> take(std::string_view bytes);

  /// A byte of a hello has come.
  bool begun() const { return taken_ > 0; }
  /// Where the hello ends, once it has been seen: so many of the bytes that were given.
  std::size_t size() const { return before_ + taken_; }

 private:
  struct Parts;
  bool may_begin_with(char byte) const;
  std::optional<SeenHello> add(std::string_view content);

  Which which_;
  std::unique_ptr<Parts> parts_;
  TlsRecords records_;
  std::size_t before_ = 0;   // bytes of records of other kinds
  std::size_t taken_ = 0;    // of the hello's records
  std::size_t content_ = 0;  // of these without their heads
  std::string start_;        // the message's kind and length
};

}  // namespace pollux::egress

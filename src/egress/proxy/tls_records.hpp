#pragma once
// SPDX-License-Identifier: Apache-2.0
// The records that TLS is sent in (RFC 8446, 5.1), while nothing is encrypted yet: where each ends and of
// what kind it is. Pure; owned by who asks.

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace pollux::egress {

class TlsRecords {
 public:
  enum Kind : unsigned char { kChangeCipherSpec = 20, kAlert = 21, kHandshake = 22, kApplicationData = 23 };

  struct Piece {
    std::size_t size = 0;           // of the bytes that were given: the rest is to be given again
    Kind kind = kHandshake;         // of the record; while its head comes, whatever it is
    std::string_view content = {};  // of the record; empty while its head comes
  };

  /// The next bytes, at least one; no more are taken than the record has. nullopt: no record of TLS.
  std::optional<Piece> take(std::string_view bytes);

  /// Between two records.
  bool at_boundary() const { return left_ == 0 && have_ == 0; }

 private:
  std::array<unsigned char, 5> head_{};
  std::size_t have_ = 0;  // bytes of the head
  std::size_t left_ = 0;  // of the content
};

}  // namespace pollux::egress

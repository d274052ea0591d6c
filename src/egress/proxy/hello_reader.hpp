#pragma once
// SPDX-License-Identifier: Apache-2.0
// Reads the ClientHello that a tunnel begins with, out of as many pieces and TLS records as it comes in
// (post-quantum key shares make it larger than a TCP segment), and goes no further into TLS. OpenSSL reads;
// no socket is touched. Owned by who asks; any thread, one at a time. Each holds some 20 KB until it is gone.

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "egress/policy/server_name.hpp"

namespace pollux::egress {

class HelloReader {
 public:
  /// A hello that has not ended after so many bytes, those of its records' heads among them, is too long.
  /// With all of today's extensions it has 2 KiB.
  static constexpr std::size_t kLongest = 16 * 1024;

  HelloReader();
  ~HelloReader();
  HelloReader(const HelloReader&) = delete;
  HelloReader& operator=(const HelloReader&) = delete;

  /// The next bytes. nullopt: more are needed; otherwise there is nothing more to be asked. What stands
  /// behind the hello (early data) is not looked at.
  std::optional<SeenHello> take(std::string_view bytes);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::size_t taken_ = 0;
};

}  // namespace pollux::egress

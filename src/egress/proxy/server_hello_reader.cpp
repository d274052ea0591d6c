// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/server_hello_reader.hpp"

namespace pollux::egress {
namespace {

using Says = ServerHelloReader::Says;

// A message's kind and length (RFC 8446, 4), the version, then the random (4.1.3).
constexpr char kServerHello = 2;
constexpr std::size_t kRandomAt = 6;

// The SHA-256 of "HelloRetryRequest" (RFC 8446, 4.1.3).
constexpr std::string_view kRetry(
    "\xCF\x21\xAD\x74\xE5\x9A\x61\x11\xBE\x1D\x8C\x02\x1E\x65\xB8\x91\xC2\xA2\x11\x16\x7A\xBB\x8C\x5E\x07\x9E"
    "\x09\xE2\xC8\xA8\x33\x9C",
    32);

}  // namespace

std::optional<Says> ServerHelloReader::take(std::string_view bytes) {
  while (!bytes.empty() && !said_) {
    const auto piece = records_.take(bytes);
    if (!piece) return said_ = Says::kGoOn;
    bytes.remove_prefix(piece->size);
    if (piece->kind == TlsRecords::kAlert) continue;  // a warning, or the last that it says
    if (piece->kind != TlsRecords::kHandshake) return said_ = Says::kGoOn;
    start_ += piece->content.substr(0, kRandomAt + kRetry.size() - start_.size());
    if (!start_.empty() && start_[0] != kServerHello) return said_ = Says::kGoOn;
    if (start_.size() < kRandomAt + kRetry.size()) continue;
    said_ = std::string_view(start_).substr(kRandomAt) == kRetry ? Says::kAgain : Says::kGoOn;
  }
  return said_;
}

}  // namespace pollux::egress

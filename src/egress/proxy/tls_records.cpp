// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/tls_records.hpp"

#include <algorithm>

namespace pollux::egress {
namespace {

// What early data may have besides when it is encrypted (RFC 8446, 5.2). Others are content alone.
constexpr std::size_t kLongest = (1U << 14) + 256;

bool is_known(unsigned char kind) {
  return kind >= TlsRecords::kChangeCipherSpec && kind <= TlsRecords::kApplicationData;
}

}  // namespace

std::optional<TlsRecords::Piece> TlsRecords::take(std::string_view bytes) {
  if (left_ > 0) {
    const std::string_view content = bytes.substr(0, left_);
    left_ -= content.size();
    return Piece{content.size(), static_cast<Kind>(head_[0]), content};
  }
  const std::size_t some = std::min(bytes.size(), head_.size() - have_);
  std::copy_n(bytes.begin(), some, head_.begin() + static_cast<std::ptrdiff_t>(have_));
  have_ += some;
  // 3 is TLS, of whatever version.
  if (!is_known(head_[0]) || (have_ > 1 && head_[1] != 3)) return std::nullopt;
  const Piece piece{some, static_cast<Kind>(head_[0])};
  if (have_ < head_.size()) return piece;
  have_ = 0;
  left_ = static_cast<std::size_t>(head_[3]) * 256 + head_[4];
  // An empty one says nothing, and may not be sent but as data.
  if (left_ > kLongest || (left_ == 0 && head_[0] != kApplicationData)) return std::nullopt;
  return piece;
}

}  // namespace pollux::egress

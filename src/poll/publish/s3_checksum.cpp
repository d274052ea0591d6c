// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/s3_checksum.hpp"

#include <libdeflate.h>

#include <cstdint>

#include "base/digest.hpp"
#include "base/encoding.hpp"

namespace pollux::publish {

using Checksum = config::S3Store::Checksum;

std::string_view checksum_name(Checksum kind) {
  if (kind == Checksum::kNone) return "";
  return kind == Checksum::kCrc32 ? "CRC32" : "SHA256";
}

std::string checksum_of(Checksum kind, std::string_view bytes) {
  if (kind == Checksum::kNone) return "";
  if (kind == Checksum::kSha256) return base64(sha256(bytes));
  const std::uint32_t crc = libdeflate_crc32(0, bytes.data(), bytes.size());
  std::string big_endian;
  for (int shift = 24; shift >= 0; shift -= 8) big_endian += static_cast<char>(crc >> shift & 0xFF);
  return base64(big_endian);
}

std::string checksum_header(Checksum kind) {
  return kind == Checksum::kCrc32 ? "X-Amz-Checksum-Crc32" : "X-Amz-Checksum-Sha256";
}

}  // namespace pollux::publish

// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/gzip.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <cstdint>
#include <new>

#include <fmt/format.h>

namespace pollux::publish {
namespace {

constexpr int kLevel = 6;

/// What the last four bytes say of the size (RFC 1952, 2.3.1): a first guess, nothing more.
std::size_t announced_size(std::string_view bytes) {
  std::size_t size = 0;
  for (std::size_t i = 1; i <= 4 && i <= bytes.size(); ++i) {
    size = size << 8 | static_cast<std::uint8_t>(bytes[bytes.size() - i]);
  }
  return size;
}

}  // namespace

GzipCompressor::GzipCompressor() : compressor_(libdeflate_alloc_compressor(kLevel)) {
  if (!compressor_) throw std::bad_alloc();
}
GzipCompressor::~GzipCompressor() = default;
void GzipCompressor::Free::operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }

std::optional<std::string> GzipCompressor::compress(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  std::string out(bytes.size() - 1, '\0');  // no room for a result that is not smaller
  auto size = libdeflate_gzip_compress(compressor_.get(), bytes.data(), bytes.size(), out.data(), out.size());
  if (size == 0) return std::nullopt;
  out.resize(size);
  return out;
}

Result<std::string> gunzip(std::string_view bytes, Bytes most) {
  std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> decompressor(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  if (!decompressor) throw std::bad_alloc();
  // A lie about the size costs at most a few thousand times the bytes that were sent: deflate's best ratio is
  // 1:1032.
  auto bound = std::min<std::size_t>(most.count, bytes.size() * 1040 + 64);
  std::string out(std::min(announced_size(bytes), bound), '\0');
  for (;;) {
    std::size_t used = 0, size = 0;
    auto result = libdeflate_gzip_decompress_ex(decompressor.get(), bytes.data(), bytes.size(), out.data(),
                                                out.size(), &used, &size);
    if (result == LIBDEFLATE_SUCCESS && used == bytes.size()) {
      out.resize(size);
      return out;
    }
    if (result != LIBDEFLATE_INSUFFICIENT_SPACE)
      return fail(ErrorKind::kMalformed, "not gzip, or damaged on the way");
    if (out.size() >= bound) {
      return fail(ErrorKind::kTooLarge, fmt::format("more than {} after gunzip", describe_bytes(most)));
    }
    out.assign(std::min(bound, out.size() * 2 + 1024), '\0');
  }
}

}  // namespace pollux::publish

#pragma once
// SPDX-License-Identifier: Apache-2.0
// gzip (RFC 1952) through libdeflate, whose compressor is made once: making one costs more than 2 KB of
// compressing. Pure but for that memory; one thread at a time for each compressor.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/units.hpp"

struct libdeflate_compressor;

namespace pollux::publish {

class GzipCompressor {
 public:
  GzipCompressor();
  ~GzipCompressor();
  GzipCompressor(const GzipCompressor&) = delete;
  GzipCompressor& operator=(const GzipCompressor&) = delete;

  /// nullopt where it would not be smaller.
  std::optional<std::string> compress(std::string_view bytes);

 private:
  struct Free {
    void operator()(libdeflate_compressor* compressor) const;
  };
  std::unique_ptr<libdeflate_compressor, Free> compressor_;
};

/// The inverse, of foreign bytes. Errors: kMalformed, kTooLarge (more than `most`: nothing that big is
/// allocated).
Result<std::string> gunzip(std::string_view bytes, Bytes most);

}  // namespace pollux::publish

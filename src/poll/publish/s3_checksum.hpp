#pragma once
// SPDX-License-Identifier: Apache-2.0
// The checksums that S3 looks at and keeps beside an object, as plain headers
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html). Pure functions.

#include <string>
#include <string_view>

#include "config/config.hpp"

namespace pollux::publish {

/// "CRC32", "SHA256"; empty for none.
std::string_view checksum_name(config::S3Store::Checksum kind);

/// In base64, of the bytes as they are sent; empty for none.
std::string checksum_of(config::S3Store::Checksum kind, std::string_view bytes);

/// "X-Amz-Checksum-Crc32"
std::string checksum_header(config::S3Store::Checksum kind);

}  // namespace pollux::publish

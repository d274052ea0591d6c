#pragma once
// SPDX-License-Identifier: Apache-2.0
// A large object in parts: nobody sees any of it before all are there. What fails is aborted, so that no
// parts stay behind that cost money and that nobody sees. Parts go one after the other: what is as large as
// that is rare, and each part is tried again by itself.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html

#include <boost/asio/thread_pool.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "poll/publish/s3_exchange.hpp"

namespace pollux::publish {

/// Puts `whole`, a PUT that is not yet hashed, in parts of tuning().part. `conditions`: If-Match or
/// If-None-Match, which hold when all is put together. All references must outlive the task. The answer's
/// ETag is the object's. Errors as S3Exchange::send; what a cancellation leaves behind is aborted within
/// seconds.
Task<Result<net::HttpResponse>> put_in_parts(S3Exchange& exchange, asio::thread_pool& pool,
                                             const S3Call& whole, const net::Headers& conditions,
                                             S3Effort& effort);

struct UploadedPart {
  std::string etag;      // without its quotes
  std::string checksum;  // in base64; empty: none
};

/// <UploadId> of an InitiateMultipartUploadResult; empty where there is none that could stand in a query.
std::string parse_upload_id(std::string_view xml);

/// <ETag> of a CompleteMultipartUploadResult without its quotes; empty where there is none.
std::string parse_completed_etag(std::string_view xml);

/// Without quotes and W/: letters, digits and -; empty for anything else.
std::string plain_etag(std::string_view etag);

/// The body that puts `parts` together. `checksum`: "CRC32", "SHA256" or empty.
std::string complete_body(const std::vector<UploadedPart>& parts, std::string_view checksum);

}  // namespace pollux::publish

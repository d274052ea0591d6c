#pragma once
// SPDX-License-Identifier: Apache-2.0
// Where a bucket is: its host, and the URL of each key, as they are signed and sent. Pure functions; the
// rules are those of the Amazon S3 User Guide, "Virtual hosting of general purpose buckets".

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/config.hpp"

namespace pollux::publish {

struct S3Address {
  std::string origin;  // "https://pub.s3.eu-west-3.amazonaws.com"
  std::string host;    // as the Host header has it: without the scheme's own port
  std::string base;    // path before each key, ends with /: "/" or "/pub/"

  /// The path of `key` on the wire: each byte that is not unreserved as %XX, / kept.
  std::string path_of(std::string_view key) const;
};

/// Amazon's host is asked by virtual host (by path where the bucket's name has a dot, which no certificate
/// covers), a custom endpoint by path, unless the file says otherwise. An endpoint that begins with the
/// bucket's name is taken to be the bucket's own, so that the name is not put there twice; `addressing: path`
/// overrides that. An endpoint without a scheme is https. Errors: kUsage, an endpoint that is no http(s) URL.
Result<S3Address> s3_address(const config::S3Store& store);

}  // namespace pollux::publish

#pragma once
// SPDX-License-Identifier: Apache-2.0
// Failures of S3 as Errors: what was tried, on what, what came back, what to do. Pure functions.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/http_client.hpp"

namespace pollux::publish {

/// What a refusal is told about.
struct S3Asked {
  std::string front;    // "s3 bucket pub at host: PUT a.json"
  bool fenced = false;  // it was to be done only if nobody else had written meanwhile
  std::function<bool(std::string_view text)> reveals;  // whether a secret stands in a text
};

/// An answer that is no success. `tries`: " after 4 attempts in 2 s", or nothing. kForbidden, kFenced
/// (another writer was there first) or kStorage.
Error s3_answered(const S3Asked& asked, const net::HttpResponse& response, std::string_view tries);

/// No answer at all: kNetwork, kTimeout, kTls, kProxy, kCanceled; kStorage for all else.
Error s3_unanswered(const S3Asked& asked, const Error& error, std::string_view tries);

/// A plain proxy's own refusal, which would otherwise be looked for in the bucket's policy.
std::optional<Error> s3_refused_by_proxy(const S3Asked& asked, const net::HttpResponse& response);

/// Only the kinds that Store promises; what else a client can meet is the store's fault to whoever publishes.
ErrorKind store_kind(ErrorKind kind);

/// Where the server says that the bucket is; empty where it does not.
std::string s3_region_of(const net::HttpResponse& response);

}  // namespace pollux::publish

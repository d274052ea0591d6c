// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/s3_refusal.hpp"

#include <utility>

#include <fmt/format.h>

#include "net/proxy_status.hpp"
#include "poll/publish/s3_error.hpp"
#include "poll/publish/s3_retry.hpp"

namespace pollux::publish {
namespace {

/// Another writer: the object is not, or no longer, what the condition says (412; 404 where it is gone), or
/// that cannot be told while both write (409).
/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
bool lost_the_fence(const S3Asked& asked, const net::HttpResponse& response, std::string_view code) {
  return asked.fenced && (response.status == 412 || response.status == 409 ||
                          (response.status == 404 && code == "NoSuchKey"));
}

std::string advice_for(const net::HttpResponse& response, std::string_view code) {
  if (code.empty()) return "no error document of S3's came with it: check that endpoint is an S3 server";
  std::string advice(s3_advice(code));
  if (code == "PermanentRedirect" || code == "AuthorizationHeaderMalformed") {
    const std::string region = s3_region_of(response);
    if (!region.empty()) advice += fmt::format(" (the server says {})", region);
  }
  return advice;
}

}  // namespace

ErrorKind store_kind(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kNetwork:
    case ErrorKind::kTimeout:
    case ErrorKind::kTls:
    case ErrorKind::kProxy:
    case ErrorKind::kCanceled:
      return kind;
    default:
      return ErrorKind::kStorage;
  }
}

std::string s3_region_of(const net::HttpResponse& response) {
  auto region = response.header("x-amz-bucket-region");
  return is_region(region) ? std::string(region) : parse_s3_fault(response.body).region;
}

Error s3_answered(const S3Asked& asked, const net::HttpResponse& response, std::string_view tries) {
  auto fault = parse_s3_fault(response.body);
  if (lost_the_fence(asked, response, fault.code)) {
    return Error{ErrorKind::kFenced,
                 fmt::format("{}: lost the fence: another writer was there first ({}{}){}", asked.front,
                             response.status,
                             fault.code.empty() || asked.reveals(fault.code) ? "" : " " + fault.code, tries),
                 Retry::never(), ""};
  }
  bool refused = response.status == 401 || response.status == 403;
  S3Outcome outcome{response.status, fault.code, {}, {}};
  const std::string advice = advice_for(response, fault.code);
  // The server's own words may repeat what was sent to it.
  bool quotable = !fault.message.empty() && !asked.reveals(fault.message) && advice.empty();
  auto text = fmt::format("{}: {}{}{}{}{}", asked.front, response.status, fault.code.empty() ? "" : " ",
                          fault.code, quotable ? " (" + fault.message + ")" : "", tries);
  if (asked.reveals(text)) text = fmt::format("{}: {}{}", asked.front, response.status, tries);
  if (!advice.empty() && !(s3_passing(outcome) && fault.code.empty())) text += "; " + advice;
  return Error{refused ? ErrorKind::kForbidden : ErrorKind::kStorage, std::move(text),
               s3_passing(outcome) ? Retry::later() : Retry::never(), ""};
}

Error s3_unanswered(const S3Asked& asked, const Error& error, std::string_view tries) {
  return Error{store_kind(error.kind), fmt::format("{}: {}{}", asked.front, error.message, tries),
               error.retry, ""};
}

std::optional<Error> s3_refused_by_proxy(const S3Asked& asked, const net::HttpResponse& response) {
  if (response.status < 400 || response.status >= 500) return std::nullopt;
  const std::string own = net::proxys_own_answer(response);
  if (own.empty()) return std::nullopt;
  return Error{ErrorKind::kProxy, fmt::format("{}: {}", asked.front, own), Retry::never(), ""};
}

}  // namespace pollux::publish

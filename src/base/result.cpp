// SPDX-License-Identifier: Apache-2.0
#include "base/result.hpp"

namespace pollux {
namespace {

struct KindText {
  std::string_view name;
  std::string_view for_the_public;
};

KindText text_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return {"usage", "the poller is not set up correctly"};
    case ErrorKind::kNetwork:
      return {"network", "the source could not be reached"};
    case ErrorKind::kProxy:
      return {"proxy", "the source could not be reached"};
    case ErrorKind::kTls:
      return {"tls", "the source could not be reached securely"};
    case ErrorKind::kTimeout:
      return {"timeout", "the source took too long to answer"};
    case ErrorKind::kUnauthorized:
      return {"unauthorized", "the source refused the request"};
    case ErrorKind::kForbidden:
      return {"forbidden", "the source refused the request"};
    case ErrorKind::kRateLimited:
      return {"rate_limited", "the source is limiting requests"};
    case ErrorKind::kLimited:
      return {"limited", "the source may not be asked more often"};
    case ErrorKind::kOverlap:
      return {"overlap", "the update before this one is still under way"};
    case ErrorKind::kBusy:
      return {"busy", "the poller has too much to do"};
    case ErrorKind::kStatus:
      return {"status", "the source answered with an error"};
    case ErrorKind::kRedirect:
      return {"redirect", "the source answered from somewhere else"};
    case ErrorKind::kTooLarge:
      return {"too_large", "the source sent too much data"};
    case ErrorKind::kTruncated:
      return {"truncated", "the source sent an incomplete answer"};
    case ErrorKind::kMalformed:
      return {"malformed", "the source sent data that could not be read"};
    case ErrorKind::kTransform:
      return {"transform", "the data could not be summarised"};
    case ErrorKind::kInexact:
      return {"inexact", "the data could not be summarised exactly"};
    case ErrorKind::kRejected:
      return {"rejected", "the data did not pass its checks"};
    case ErrorKind::kStorage:
      return {"storage", "the data could not be stored"};
    case ErrorKind::kFenced:
      return {"fenced", "another poller wrote the data"};
    case ErrorKind::kState:
      return {"state", "the poller had an internal problem"};
    case ErrorKind::kCanceled:
      return {"canceled", "the poller was stopped"};
    case ErrorKind::kInternal:
      return {"internal", "the poller had an internal problem"};
  }
  return {"internal", "the poller had an internal problem"};
}

}  // namespace

std::string_view kind_name(ErrorKind kind) { return text_of(kind).name; }
std::string_view public_reason(ErrorKind kind) { return text_of(kind).for_the_public; }

}  // namespace pollux

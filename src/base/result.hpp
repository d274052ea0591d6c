#pragma once
// SPDX-License-Identifier: Apache-2.0
// What every function that can fail returns. Expected failures (bad answers, denials, bad files) travel as
// an Error; exceptions are for bugs. An Error carries what its reader needs: what was tried, on what, what
// came back; and what the program needs: its kind, and whether trying again can help. Values: freely copied
// between threads.

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pollux {

enum class ErrorKind {
  kUsage,         // the user asked wrongly: bad flag, bad file
  kNetwork,       // name not found, connection refused, reset
  kProxy,         // the egress proxy refused or could not be reached
  kTls,           // handshake or certificate
  kTimeout,       // connect, total or stall time passed
  kUnauthorized,  // 401, or the token endpoint refused the client
  kForbidden,     // 403
  kRateLimited,   // 429
  kLimited,    // not sent: a declared limit, or an upstream in trouble, leaves no room before the next slot
  kOverlap,    // not begun: the run before it has not ended
  kBusy,       // not begun: too many runs are under way
  kStatus,     // any other answer that is not 2xx
  kRedirect,   // a redirect that leaves the upstream's host
  kTooLarge,   // more bytes than allowed
  kTruncated,  // fewer bytes than announced
  kMalformed,  // not JSON where JSON is asked, bad encoding
  kTransform,  // the program failed, or took too much time or memory
  kInexact,    // a number that the transform would change
  kRejected,   // the schema or a guard said no
  kStorage,    // the store refused or could not be reached
  kFenced,     // not written: another writer was there first
  kState,      // the state file
  kCanceled,   // asked to stop: no failure, never retried, never alerted on
  kInternal,   // a bug
};

/// Whether trying the same thing again can succeed, and from when.
struct Retry {
  enum class When { kNever, kLater, kAfter };
  When when = When::kNever;
  std::chrono::milliseconds delay{0};  // kAfter only: what the peer asked for (RFC 9110, 10.2.3 Retry-After)

  static constexpr Retry never() { return {}; }
  static constexpr Retry later() { return {When::kLater, {}}; }
  static constexpr Retry after(std::chrono::milliseconds d) { return {When::kAfter, d}; }
  bool operator==(const Retry&) const = default;
};

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;  // for the operator; may name hosts, never a secret
  Retry retry = Retry::never();
  std::string where;       // step, store or file that the failure belongs to; may be empty
  bool cut_short = false;  // not tried again only because the next slot comes first: with more time it may do

  /// The message with its place in front: "en_call: 503 from api.example.gov".
  std::string text() const { return where.empty() ? message : where + ": " + message; }
};

template <class T>
using Result = std::expected<T, Error>;

/// Shorthand for `return fail(kind, message)`.
inline std::unexpected<Error> fail(ErrorKind kind, std::string message, Retry retry = Retry::never(),
                                   std::string where = {}) {
  return std::unexpected(Error{kind, std::move(message), retry, std::move(where)});
}

/// The kind as one lower-case word, for logs and metrics: "rate_limited".
std::string_view kind_name(ErrorKind kind);

/// What the public may read about a failure: a fixed sentence for each kind, so that no host, address, header
/// or secret can get into the status object.
std::string_view public_reason(ErrorKind kind);

}  // namespace pollux

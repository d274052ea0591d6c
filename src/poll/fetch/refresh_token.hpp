#pragma once
// SPDX-License-Identifier: Apache-2.0
// The refresh token of an upstream (RFC 6749, 6). Many servers take each only once and give another (RFC
// 9700, 4.14.2: "rotation"): the newest is then the only key to the API, and is kept in the state under
// token/<upstream>. It wins over the file's, until the file has another one. Owned by the authorizer; io
// thread. Errors: kState.

#include <optional>
#include <string>

#include "poll/fetch/authorizer.hpp"

namespace pollux::fetch {

class RefreshToken {
 public:
  /// Recalls the kept one. `parts` must outlive it.
  RefreshToken(const config::Upstream& upstream, const config::OAuth2Auth& auth, const SessionParts& parts);

  const Secret& current() const { return current_; }

  /// `next` is the one to use from now on; it is durable when this returns without an error. After an error
  /// it is still the one to use, since the server has forgotten the one before, and save() tries again.
  Task<Result<void>> replace(Secret next);

  /// Makes durable what is not yet.
  Task<Result<void>> save();

 private:
  const std::string name_;    // of the upstream
  const std::string origin_;  // which token of the file the kept one came from
  const SessionParts& parts_;
  Secret current_;
  bool saved_ = true;
};

/// What the kept token came from: a digest of the file's refresh token and of the client and server that it
/// is for.
std::string refresh_token_origin(const config::OAuth2Auth& auth);

/// To and from the text that is kept. nullopt: of another origin, or not such a text.
std::string kept_refresh_token(const std::string& origin, const Secret& token);
std::optional<Secret> parse_kept_refresh_token(const std::string& text, const std::string& origin);

}  // namespace pollux::fetch

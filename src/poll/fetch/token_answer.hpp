#pragma once
// SPDX-License-Identifier: Apache-2.0
// What a token endpoint answers (RFC 6749, 5.1 and 5.2), and what follows from it. Pure functions; errors are
// kMalformed and show nothing of the answer.

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace pollux::fetch {

/// A token and how long it lives: an hour where the answer does not say, or says what makes no sense; a month
/// at most.
struct TokenAnswer {
  Secret token;
  std::chrono::seconds lifetime{3600};
  std::optional<Secret> refresh_token = std::nullopt;  // to be used from now on in place of the one before
};
Result<TokenAnswer> parse_token_answer(std::string_view body, std::string_view host);

/// When to renew a token of this lifetime: a tenth before its end, at most a minute before.
Millis renew_after(std::chrono::seconds lifetime);

/// The name of the error in a refusal's body if it is one of RFC 6749 (5.2) or RFC 6750 (3.1); empty
/// otherwise. From a fixed list, so that nothing of the body itself gets into a message.
std::string_view oauth_error_name(std::string_view body);

}  // namespace pollux::fetch

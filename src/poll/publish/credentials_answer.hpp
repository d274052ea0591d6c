#pragma once
// SPDX-License-Identifier: Apache-2.0
// What those answer who hand out keys: EC2's metadata and a container's endpoint (JSON), STS (XML). Foreign
// bytes: what becomes part of a header is visible ASCII. Pure functions; errors are kMalformed or kForbidden
// and show nothing of the answer but a plain word.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "sign/sigv4.hpp"

namespace pollux::publish {

struct CredentialsAnswer {
  sign::Credentials keys;
  std::optional<Time> ends;  // nullopt: the answer does not say
};

/// AccessKeyId, SecretAccessKey, Token, Expiration; a Code other than Success is a refusal.
Result<CredentialsAnswer> parse_credentials_json(std::string_view body);

/// <Credentials> of an AssumeRoleWithWebIdentityResponse.
Result<CredentialsAnswer> parse_sts_answer(std::string_view xml);

}  // namespace pollux::publish

#pragma once
// SPDX-License-Identifier: Apache-2.0
// The shared credentials file of AWS's tools, ~/.aws/credentials: sections of `name = value`
// (https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html). Pure functions. What is wrong is told
// without showing anything of the text.

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace pollux::config {

struct AwsKeys {
  std::string access_key_id;
  Secret secret_access_key;
  std::optional<Secret> session_token;
};

/// The keys of `profile`; where a name stands twice, the last one counts, as with AWS's tools. Errors: "no
/// profile [x]", "its `role_arn` is not supported".
std::expected<AwsKeys, std::string> parse_aws_profile(std::string_view text, std::string_view profile);

}  // namespace pollux::config

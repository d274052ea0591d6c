#pragma once
// SPDX-License-Identifier: Apache-2.0
// The key file of a Google service account (https://cloud.google.com/iam/docs/keys-create-delete), as JSON or
// as base64 of it: how secrets get through environments that dislike line breaks. Pure functions. What is
// wrong is told without showing anything of the text.

#include <expected>
#include <string>
#include <string_view>

#include "config/upstream.hpp"

namespace pollux::config {

/// Where an assertion is exchanged when the key does not say.
inline constexpr std::string_view kGoogleTokenUri = "https://oauth2.googleapis.com/token";

std::expected<GoogleAuth::Account, std::string> parse_google_key(const std::string& text);

/// Makes line breaks of each literal \n, which is what is left of them in many an environment variable, and
/// looks whether it is a key that can sign. The PEM, or what is wrong.
std::expected<Secret, std::string> parse_private_key(std::string text);

}  // namespace pollux::config

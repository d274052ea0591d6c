// SPDX-License-Identifier: Apache-2.0
#include "config/aws_profile.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace pollux::config {
namespace {

constexpr std::size_t kLongest = 4096;

/// A value that can stand in a header and in a signature's scope.
bool plain(std::string_view text) {
  return !text.empty() && text.size() <= kLongest &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c <= 0x7E; });
}

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return ascii_trimmed(line);
}

/// The name between the brackets; nullopt where the line begins no section.
std::optional<std::string_view> section_of(std::string_view line) {
  if (!line.starts_with('[')) return std::nullopt;
  const auto end = line.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  return ascii_trimmed(line.substr(1, end - 1));
}

/// From where AWS's tools would ask for keys elsewhere: such a profile without keys is not taken for an empty
/// one.
std::string_view elsewhere(std::string_view name) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"role_arn", "source_profile", "credential_process", "sso_session",
                                       "sso_start_url", "web_identity_token_file", "credential_source"});
  const auto* found = std::ranges::find(kNames, name);
  return found == kNames.end() ? std::string_view() : *found;
}

struct Found {
  std::string_view id, secret, token, elsewhere;
  bool any = false;

  void take(std::string_view line) {
    const auto equals = line.find('=');
    if (line.starts_with('#') || line.starts_with(';') || equals == std::string_view::npos) return;
    const std::string name = ascii_lower(ascii_trimmed(line.substr(0, equals)));
    const auto value = ascii_trimmed(line.substr(equals + 1));
    if (name == "aws_access_key_id") id = value;
    if (name == "aws_secret_access_key") secret = value;
    if (name == "aws_session_token") token = value;
    if (auto known = pollux::config::elsewhere(name); !known.empty()) elsewhere = known;
  }
};

}  // namespace

std::expected<AwsKeys, std::string> parse_aws_profile(std::string_view text, std::string_view profile) {
  Found found;
  bool inside = false;
  while (!text.empty()) {
    const auto line = next_line(text);
    if (auto section = section_of(line)) {
      inside = *section == profile;
      found.any |= inside;
    } else if (inside) {
      found.take(line);
    }
  }
  const std::string name = "[" + std::string(profile) + "]";
  if (!found.any) return std::unexpected("no profile " + name);
  if (found.id.empty() && found.secret.empty() && !found.elsewhere.empty())
    return std::unexpected("the `" + std::string(found.elsewhere) + "` of " + name + " is not supported");
  if (!plain(found.id)) return std::unexpected("no `aws_access_key_id` in " + name);
  if (!plain(found.secret)) return std::unexpected("no `aws_secret_access_key` in " + name);
  if (!found.token.empty() && !plain(found.token))
    return std::unexpected("the `aws_session_token` of " + name + " is none");
  AwsKeys keys{std::string(found.id), Secret(std::string(found.secret)), std::nullopt};
  if (!found.token.empty()) keys.session_token = Secret(std::string(found.token));
  return keys;
}

}  // namespace pollux::config

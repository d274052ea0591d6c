// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/s3_error.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "poll/publish/s3_xml.hpp"

namespace pollux::publish {
namespace {

constexpr std::size_t kLongestCode = 64;
constexpr std::size_t kLongestMessage = 200;

bool letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string printable(std::string text) {
  for (char& c : text) {
    if (c < 0x20 || c > 0x7E) c = c == '\n' || c == '\t' || c == '\r' ? ' ' : '?';
  }
  return text;
}

}  // namespace

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= 32 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

S3Fault parse_s3_fault(std::string_view xml) {
  xml = xml.substr(0, kSearchedXml);
  auto root = xml.find("<Error>");
  if (root == std::string_view::npos) return {};
  xml.remove_prefix(root);
  S3Fault fault;
  auto code = xml_element(xml, "Code");
  if (code.size() <= kLongestCode && std::ranges::all_of(code, letter_or_digit)) fault.code = code;
  auto message = xml_element(xml, "Message");
  fault.message = printable(xml_unescaped(message.substr(0, kLongestMessage)));
  auto region = xml_element(xml, "Region");
  if (is_region(region)) fault.region = region;
  return fault;
}

std::string_view s3_advice(std::string_view code) {
  static constexpr auto known = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"AccessDenied", "allow this key s3:PutObject on the bucket's objects"},
      {"NoSuchBucket", "create the bucket, or correct bucket and endpoint"},
      {"InvalidAccessKeyId", "check access_key_id, and that it belongs to this endpoint"},
      {"InvalidToken", "check session_token"},
      {"ExpiredToken", "renew session_token"},
      {"SignatureDoesNotMatch", "check secret_access_key"},
      {"RequestTimeTooSkewed", "correct this machine's clock"},
      {"AuthorizationHeaderMalformed", "check region"},
      {"AccessControlListNotSupported",
       "the bucket has ACLs disabled: leave acl out and let a bucket policy allow s3:GetObject to everyone"},
      {"PermanentRedirect", "the bucket is somewhere else: correct region and endpoint"},
      {"TemporaryRedirect",
       "the bucket's name is not known everywhere yet: try again in an hour, or correct region"},
      {"QuotaExceeded", "make room, or raise the bucket's quota"},
  });
  auto found = std::ranges::find(known, code, &std::pair<std::string_view, std::string_view>::first);
  return found == known.end() ? std::string_view() : found->second;
}

}  // namespace pollux::publish

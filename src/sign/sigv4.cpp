// SPDX-License-Identifier: Apache-2.0
#include "sign/sigv4.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "base/digest.hpp"
#include "base/encoding.hpp"

namespace pollux::sign {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  for (;;) {
    auto end = text.find(at);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

/// RFC 3986, 5.2.4, and empty segments go too.
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  auto segments = split(path, '/');
  for (auto segment : segments) {
    if (segment.empty() || segment == ".") continue;
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else {
      kept.push_back(segment);
    }
  }
  std::string out;
  for (auto segment : kept) out.append("/").append(segment);
  bool folder = segments.back().empty() || segments.back() == "." || segments.back() == "..";
  if (out.empty() || folder) out += '/';
  return out;
}

/// However it was encoded, encoded as the rules want it.
std::string encoded_once(std::string_view text) {
  return percent_encode(percent_decode(text).value_or(std::string(text)));
}

std::string canonical_path(std::string_view path, const SigningRules& rules) {
  std::string whole =
      rules.normalise_path ? without_dot_segments(path) : std::string(path.empty() ? "/" : path);
  if (rules.double_encode) return percent_encode(whole, true);
  std::string out;
  out.reserve(whole.size() + 16);
  bool first = true;
  for (auto segment : split(whole, '/')) {
    if (!std::exchange(first, false)) out += '/';
    out += encoded_once(segment);
  }
  return out;
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (auto part : split(query, '&')) {
    if (part.empty()) continue;
    auto equals = part.find('=');
    auto value = equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    pairs.emplace_back(encoded_once(part.substr(0, equals)), encoded_once(value));
  }
  std::ranges::sort(pairs);
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

/// No white space at the ends, one blank for each run of it inside.
std::string folded(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (char c : value) {
    bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// What intermediaries add, drop or rewrite is never signed.
bool is_signed(std::string_view name, const SigningRules& rules) {
  if (name == "x-amz-security-token") return rules.sign_session_token;
  if (name == "host" || name == "content-type" || name.starts_with("x-amz-")) return true;
  return rules.every_header && name != "user-agent" && name != "accept-encoding" && name != "authorization" &&
         name != "connection" && name != "expect" && name != "x-amzn-trace-id";
}

/// Sorted by name; values of one name joined in the order they were given.
Headers signed_headers(const Headers& headers, const SigningRules& rules) {
  Headers out;
  for (const auto& [name, value] : headers) {
    auto low = ascii_lower(name);
    if (!is_signed(low, rules)) continue;
    auto at = std::ranges::upper_bound(out, low, {}, &std::pair<std::string, std::string>::first);
    out.emplace(at, std::move(low), folded(value));
  }
  Headers merged;
  for (auto& [name, value] : out) {
    if (!merged.empty() && merged.back().first == name)
      merged.back().second.append(",").append(value);
    else
      merged.emplace_back(std::move(name), std::move(value));
  }
  return merged;
}

std::string names_of(const Headers& headers) {
  std::string out;
  for (const auto& [name, value] : headers) {
    if (!out.empty()) out += ';';
    out += name;
  }
  return out;
}

std::string canonical(const SignedParts& parts, const SigningRules& rules, const Headers& chosen,
                      std::string_view names) {
  std::string out;
  out.reserve(512);
  out.append(parts.method).append("\n");
  out.append(canonical_path(parts.path, rules)).append("\n");
  out.append(canonical_query(parts.query)).append("\n");
  for (const auto& [name, value] : chosen) out.append(name).append(":").append(value).append("\n");
  return out.append("\n").append(names).append("\n").append(parts.payload_hash);
}

std::string scope_text(std::string_view day, const SigningScope& scope) {
  return fmt::format("{}/{}/{}/aws4_request", day, scope.region, scope.service);
}

}  // namespace

std::string canonical_request(const SignedParts& parts, const SigningRules& rules) {
  auto chosen = signed_headers(parts.headers, rules);
  return canonical(parts, rules, chosen, names_of(chosen));
}

std::string amz_date(Time now) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  auto day = std::chrono::floor<std::chrono::days>(seconds);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss time(seconds - day);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string string_to_sign(std::string_view canonical, const SigningScope& scope, std::string_view amz_date) {
  return fmt::format("{}\n{}\n{}\n{}", kAlgorithm, amz_date, scope_text(amz_date.substr(0, 8), scope),
                     sha256_hex(canonical));
}

Signer::Signer(Credentials credentials, SigningScope scope, SigningRules rules)
    : credentials_(std::move(credentials)), scope_(std::move(scope)), rules_(rules) {}

Headers Signer::sign(SignedParts parts, Time now) {
  std::string date = amz_date(now);
  Headers added{{"X-Amz-Date", date}};
  if (rules_.content_hash_header) added.emplace_back("X-Amz-Content-Sha256", parts.payload_hash);
  if (credentials_.session_token)
    added.emplace_back("X-Amz-Security-Token", credentials_.session_token->reveal());
  parts.headers.insert(parts.headers.end(), added.begin(), added.end());

  auto chosen = signed_headers(parts.headers, rules_);
  auto names = names_of(chosen);
  auto to_sign = string_to_sign(canonical(parts, rules_, chosen, names), scope_, date);
  auto day = date.substr(0, 8);
  added.emplace_back("Authorization",
                     fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                                 credentials_.access_key_id, scope_text(day, scope_), names,
                                 hex(hmac_sha256(key_of(day), to_sign))));
  return added;
}

const std::string& Signer::key_of(std::string_view day) {
  if (day_ != day) {
    auto key = hmac_sha256("AWS4" + credentials_.secret_access_key.reveal(), day);
    key = hmac_sha256(key, scope_.region);
    key = hmac_sha256(key, scope_.service);
    key_ = hmac_sha256(key, "aws4_request");
    day_ = day;
  }
  return key_;
}

}  // namespace pollux::sign

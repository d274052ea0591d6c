// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/aws_desk.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <map>
#include <optional>
#include <vector>

#include "base/encoding.hpp"
#include "base/units.hpp"

namespace pollux::sample_api {
namespace {

using net::ServerRequest;
using net::ServerResponse;
namespace json = boost::json;
using Bytes32 = std::array<unsigned char, 32>;

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string as_text(const Bytes32& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string mac(std::string_view key, std::string_view text) {
  Bytes32 out{};
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(text), text.size(), out.data(),
       &length);
  return as_text(out);
}

std::string hashed(std::string_view text) {
  Bytes32 out{};
  EVP_Digest(text.data(), text.size(), out.data(), nullptr, EVP_sha256(), nullptr);
  return hex(as_text(out));
}

ServerResponse answer(int status, const json::value& value) {
  return {status, {{"Content-Type", "application/json"}}, json::serialize(value), {}};
}

ServerResponse refused(const char* type, const std::string& why) {
  return answer(403, {{"__type", type}, {"message", why}});
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == at) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

/// Credential=, SignedHeaders= and Signature= of the Authorization header.
struct Claim {
  std::vector<std::string> scope;  // key id, day, region, service, aws4_request
  std::vector<std::string> names;
  std::string names_text;
  std::string signature;
};

std::optional<Claim> claim_of(std::string_view header) {
  constexpr std::string_view kScheme = "AWS4-HMAC-SHA256 ";
  if (!header.starts_with(kScheme)) return std::nullopt;
  Claim claim;
  for (std::string part : split(header.substr(kScheme.size()), ',')) {
    part.erase(0, part.find_first_not_of(' '));
    const auto equals = part.find('=');
    if (equals == std::string::npos) return std::nullopt;
    const std::string value = part.substr(equals + 1);
    if (part.starts_with("Credential=")) claim.scope = split(value, '/');
    if (part.starts_with("SignedHeaders=")) claim.names_text = value;
    if (part.starts_with("Signature=")) claim.signature = value;
  }
  claim.names = split(claim.names_text, ';');
  if (claim.scope.size() != 5 || claim.scope[4] != "aws4_request") return std::nullopt;
  return claim;
}

std::string canonical_query(const ServerRequest& request) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, value] : request.query)
    pairs.emplace_back(percent_encode(name), percent_encode(value));
  std::ranges::sort(pairs);
  std::string out;
  for (const auto& [name, value] : pairs)
    out.append(out.empty() ? "" : "&").append(name).append("=").append(value);
  return out;
}

std::string expected_signature(const Options& options, const Claim& claim, const ServerRequest& request) {
  // The path of the wire is encoded once already; every service but S3 encodes it twice.
  std::string canonical = request.method + "\n" +
                          (claim.scope[3] == "s3" ? request.path : percent_encode(request.path, true)) +
                          "\n" + canonical_query(request) + "\n";
  for (const auto& name : claim.names)
    canonical.append(name).append(":").append(request.header(name)).append("\n");
  canonical += "\n" + claim.names_text + "\n" + hashed(request.body);
  const std::string scope = claim.scope[1] + "/" + claim.scope[2] + "/" + claim.scope[3] + "/aws4_request";
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + std::string(request.header("x-amz-date")) + "\n" +
                              scope + "\n" + hashed(canonical);
  std::string key = mac("AWS4" + options.aws_secret, claim.scope[1]);
  for (const std::string& part : {claim.scope[2], claim.scope[3], std::string("aws4_request")})
    key = mac(key, part);
  return hex(mac(key, to_sign));
}

/// "20260131T120000Z".
std::optional<Time> time_of(std::string text) {
  if (text.size() != 16) return std::nullopt;
  for (const auto& [at, mark] : {std::pair{13, ':'}, {11, ':'}, {6, '-'}, {4, '-'}})
    text.insert(text.begin() + at, mark);
  return parse_time(text);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_signed(const Claim& claim, std::string_view name) {
  return std::ranges::find(claim.names, name) != claim.names.end();
}

/// host, content-type where it is sent, and every x-amz-* that is sent ("Create a signed AWS API request",
/// step 1); here the hash of the content must be sent, as with S3.
std::optional<std::string> unsigned_header(const Claim& claim, const ServerRequest& request) {
  for (const char* name : {"host", "x-amz-date", "x-amz-content-sha256"}) {
    if (!is_signed(claim, name)) return name;
  }
  for (const auto& sent : request.headers) {
    const std::string name = lower_case(sent.first);
    if ((name == "content-type" || name.starts_with("x-amz-")) && !is_signed(claim, name)) return name;
  }
  return std::nullopt;
}

}  // namespace

ServerResponse aws_answer(const Options& options, Time now, const ServerRequest& request) {
  if (request.header("authorization").empty())
    return refused("MissingAuthenticationTokenException", "no signature");
  const auto claim = claim_of(request.header("authorization"));
  if (!claim) return refused("IncompleteSignatureException", "not understood");
  if (claim->scope[0] != options.aws_key_id) return refused("UnrecognizedClientException", "no such key");
  const auto& services = options.aws_services;
  if (claim->scope[2] != options.aws_region ||
      std::ranges::find(services, claim->scope[3]) == services.end()) {
    return refused("InvalidSignatureException", "credential scoped to another region or service");
  }
  const auto signed_at = time_of(std::string(request.header("x-amz-date")));
  if (!signed_at || !request.header("x-amz-date").starts_with(claim->scope[1])) {
    return refused("IncompleteSignatureException", "no x-amz-date, or of another day");
  }
  const Millis away = *signed_at < now ? now - *signed_at : *signed_at - now;
  if (away > std::chrono::minutes(15)) return refused("InvalidSignatureException", "signature expired");
  if (const auto name = unsigned_header(*claim, request))
    return refused("InvalidSignatureException", *name + " must be signed");
  if (request.header("x-amz-content-sha256") != hashed(request.body)) {
    return refused("InvalidSignatureException", "x-amz-content-sha256 is not the body's");
  }
  if (claim->signature != expected_signature(options, *claim, request)) {
    return refused("InvalidSignatureException", "the signature does not match");
  }
  if (!options.aws_session_token.empty() &&
      request.header("x-amz-security-token") != options.aws_session_token) {
    return refused("UnrecognizedClientException", "the session token is another");
  }
  return answer(200, {{"service", claim->scope[3]}, {"signed", claim->names_text}});
}

}  // namespace pollux::sample_api

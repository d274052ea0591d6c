// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/aws_authorizer.hpp"

#include <algorithm>
#include <utility>

#include "base/digest.hpp"

namespace pollux::fetch {
namespace {

sign::SigningRules rules_of(const std::string& service) {
  if (service == "s3") return sign::SigningRules::s3();
  sign::SigningRules rules;
  // Some services beside S3 insist on it (OpenSearch Serverless), and none minds.
  rules.content_hash_header = true;
  rules.every_header = false;
  return rules;
}

struct Target {
  std::string host;  // as libcurl writes the Host header: without the scheme's own port
  std::string path;
  std::string query;
};

Target target_of(std::string_view url) {
  Target out;
  const auto scheme = url.find("://");
  const bool https = url.starts_with("https");
  std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto question = std::min(rest.find('?'), rest.size());
  if (question < rest.size()) out.query = rest.substr(question + 1);
  rest = rest.substr(0, question);
  const auto slash = std::min(rest.find('/'), rest.size());
  out.path = slash < rest.size() ? rest.substr(slash) : "/";
  std::string_view host = rest.substr(0, slash);
  const std::string_view own_port = https ? ":443" : ":80";
  if (host.ends_with(own_port)) host.remove_suffix(own_port.size());
  out.host = host;
  return out;
}

}  // namespace

AwsAuthorizer::AwsAuthorizer(const config::AwsAuth& auth, const SessionParts& parts)
    : parts_(parts),
      signer_({auth.access_key_id, auth.secret_access_key, auth.session_token}, {auth.region, auth.service},
              rules_of(auth.service)) {}

Task<Result<void>> AwsAuthorizer::authorize(net::HttpRequest&, Manner) { co_return Result<void>{}; }

bool AwsAuthorizer::in_turn(net::HttpRequest& request) {
  // A signature is for one address: what a redirect leads to would refuse it.
  request.redirects = net::HttpRequest::Redirects::kNone;
  const Target target = target_of(request.url);
  const std::string hash = sha256_hex(request.body);
  sign::SignedParts parts{request.method, target.path, target.query, request.headers, hash};
  parts.headers.emplace_back("Host", target.host);
  for (auto& [name, value] : signer_.sign(std::move(parts), parts_.clock.now())) {
    request.set_header(name, std::move(value));
  }
  return true;
}

}  // namespace pollux::fetch

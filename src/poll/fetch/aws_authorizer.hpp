#pragma once
// SPDX-License-Identifier: Apache-2.0
// AWS Signature Version 4 for any service: signs each attempt anew, since a signature is good for minutes.
// Signs host, content-type and x-amz-* alone: a proxy may rewrite all else (aws-sdk-cpp 323). Owned by the
// session; io thread. Cannot fail.

#include "poll/fetch/authorizer.hpp"
#include "sign/sigv4.hpp"

namespace pollux::fetch {

class AwsAuthorizer final : public Authorizer {
 public:
  AwsAuthorizer(const config::AwsAuth& auth, const SessionParts& parts);

  Task<Result<void>> authorize(net::HttpRequest& request, Manner manner) override;
  bool in_turn(net::HttpRequest& request) override;

 private:
  const SessionParts& parts_;
  sign::Signer signer_;
};

}  // namespace pollux::fetch

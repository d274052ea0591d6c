#pragma once
// SPDX-License-Identifier: Apache-2.0
// A service of AWS: every address below /aws/ wants Signature Version 4 and computes it again, from AWS's
// description of it ("Create a signed AWS API request") and not with the code that Pollux signs with. Refuses
// another key, region or service, a wrong signature, a date more than 15 minutes away, a hash of the content
// that is missing or wrong, and a header that had to be signed and was not. Pure function.

#include "apps/sample_api/options.hpp"
#include "base/clock.hpp"
#include "net/http_server.hpp"

namespace pollux::sample_api {

/// 200 {"service", "signed"}, or 403 with the name of AWS's error in __type.
net::ServerResponse aws_answer(const Options& options, Time now, const net::ServerRequest& request);

}  // namespace pollux::sample_api

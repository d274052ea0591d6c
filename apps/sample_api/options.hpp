#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the command line of sample-api can say. Nothing in it is a real secret: the program plays an upstream.

#include <chrono>
#include <string>
#include <vector>

#include "base/units.hpp"

namespace pollux::sample_api {

struct Options {
  std::string client_id = "sample-client";
  std::string client_secret = "sample-client-secret";
  Millis expires_in = std::chrono::hours(1);  // of a token
  std::string api_key = "sample-key";
  std::string user = "sample-user";
  std::string password = "sample-password";
  std::string refresh_token = "sample-refresh-token";  // the first one
  Millis clock_ahead{0};                               // of the real time, in all that is checked and said
  // The public half of the key of docs/fetch.md, which opens nothing but this.
  std::string google_public_key =
      "-----BEGIN PUBLIC KEY-----\n"
      "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzVJp1CmArjtpp1hlFJgM\n"
      "sKI11nxYZBqDvc3dDlotWjxnA3tRW6EZFxyogUsFFPIe3sWGGnLeVzzpWUJcX2yW\n"
      "dG6Fy2Suxmx8sAbXuZ3YuG+HxzzcJZajEAixak93wWGRjLG5dRFdsFRf3swcKrck\n"
      "9lCiyIwTnI2nxHNzHW8p8eSjYf44FaYHqhtMmRe1y6zEKoqIDGiwcOqBSFYuz6uI\n"
      "l6cXbGQcHsS9xmejt4Nh136nwPWglm+wR5eBVKmkPiQyFXKXlq2akw0IfnwiPuSH\n"
      "rt12g7kCeDzqELPMl2zdqvz1r9Xm/SQkRCIXPcRwXSntVnidbaE8CGd40EuoZKnh\n"
      "5wIDAQAB\n"
      "-----END PUBLIC KEY-----\n";
  std::vector<std::string> google_accounts = {"reporter@sample.iam.gserviceaccount.com",
                                              "second@sample.iam.gserviceaccount.com"};
  std::string google_scope = "https://www.googleapis.com/auth/analytics.readonly";
  std::string google_audience = "https://analyticsdata.googleapis.com/";
  std::string aws_key_id = "SAMPLEACCESSKEYID";
  std::string aws_secret = "sample-aws-secret-access-key";
  std::string aws_session_token;  // empty: none is expected
  std::string aws_region = "us-east-1";
  std::vector<std::string> aws_services = {"execute-api", "s3"};
  bool fixed = false;  // the same wait times at all times
  std::string page;    // folder served at /page/; empty: none
  // What the page may fetch from (a source list of Content-Security-Policy).
  std::string data_origins = "http://127.0.0.1:* http://localhost:* https:";
};

}  // namespace pollux::sample_api

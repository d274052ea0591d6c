#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the command line of sample-api can say. Nothing in it is a real secret: the program plays an upstream.

#include <chrono>
#include <string>

#include "base/units.hpp"

namespace pollux::sample_api {

struct Options {
  std::string client_id = "sample-client";
  std::string client_secret = "sample-client-secret";
  Millis expires_in = std::chrono::hours(1);  // of a token
  std::string api_key = "sample-key";
  std::string user = "sample-user";
  std::string password = "sample-password";
  bool fixed = false;  // the same wait times at all times
  std::string page;    // folder served at /page/; empty: none
  // What the page may fetch from (a source list of Content-Security-Policy).
  std::string data_origins = "http://127.0.0.1:* http://localhost:* https:";
};

}  // namespace pollux::sample_api

#pragma once
// SPDX-License-Identifier: Apache-2.0
// Everywhere that a poller's file leads to over the network, and by which way: its upstreams, where their
// tokens are asked for, its buckets and their keys. Each with a request as the runs themselves build theirs,
// so that who looks at a way (the lists of an egress proxy, `doctor`) reads the file as the runs do. Pure;
// any thread.

#include <string>
#include <vector>

#include "config/config.hpp"
#include "net/http_client.hpp"

namespace pollux::app {

struct Destination {
  enum class Of { kUpstream, kTokens, kStore, kStoreKeys };
  Of of = Of::kUpstream;
  std::string name;                  // of the upstream or store
  std::vector<std::string> methods;  // what it is asked with, sorted
  /// Way, timeouts and address (without a query), and no credentials but the proxy's. It refers to the file.
  net::HttpRequest request;
  bool may_redirect_elsewhere = false;  // `redirects: any`: to hosts that nobody knows beforehand

  /// "upstream api", "tokens of upstream api", "store public",
  /// "credentials of store public".
  std::string text() const;
};

/// In the order of the file's names, upstreams first; what one upstream asks of one origin is one of them.
/// Pages and other redirects stay at their origin. `file` must outlive them. kUsage: an S3 endpoint that is
/// none.
Result<std::vector<Destination>> destinations(const config::File& file);

}  // namespace pollux::app

#pragma once
// SPDX-License-Identifier: Apache-2.0
// What a poller's file (pollux.yaml) wants of an egress proxy. Who reads that file stands above this folder
// and hands over a PollerFile. Value types.

#include <boost/beast/http/verb.hpp>
#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "config/load.hpp"
#include "egress/policy/rule.hpp"

namespace pollux::egress {

struct PollerNeeds {
  struct Visitor {
    std::string user;  // as which the poller comes; empty: without a name
    Secret password;
    std::vector<Rule> allow;  // each one host with one port; its place: "pollux.yaml: upstream api"
  };
  std::filesystem::path file;
  std::string proxy;                              // where the poller looks for it: "egress.internal:3128"
  bool by_tls = false;                            // and whether it speaks TLS to it
  std::vector<Visitor> visitors;                  // each user once, at least one
  std::vector<boost::beast::http::verb> methods;  // of plain http, beyond GET and HEAD
  std::vector<Secret> secrets;                    // all of the file
  std::vector<config::Fault> warnings;
};

/// Reads a poller's file. The faults are that file's, or say why no proxy could be made of it.
using PollerFile =
    std::function<std::expected<PollerNeeds, std::vector<config::Fault>>(const std::filesystem::path&)>;

}  // namespace pollux::egress

#pragma once
// SPDX-License-Identifier: Apache-2.0
// The sample API: routes to the call centre, the playground, the page; counts; spoils answers on request. For
// demo and tests. Control: PUT and DELETE /_fault, GET /_fault (names), GET and DELETE /_stats; these are
// never counted and never spoiled.

#include <cstddef>
#include <map>
#include <string>

#include "apps/sample_api/call_center.hpp"
#include "apps/sample_api/fault.hpp"
#include "apps/sample_api/growing_log.hpp"
#include "apps/sample_api/options.hpp"
#include "base/clock.hpp"
#include "net/http_server.hpp"

namespace pollux::sample_api {

class SampleApi {
 public:
  /// The clock must outlive it.
  SampleApi(Options options, const Clock& clock) : options_(std::move(options)), center_(options_, clock) {}
  SampleApi(const SampleApi&) = delete;
  SampleApi& operator=(const SampleApi&) = delete;

  net::ServerResponse answer(const net::ServerRequest& request);

 private:
  net::ServerResponse control(const net::ServerRequest& request);
  net::ServerResponse stats() const;
  net::ServerResponse routed(const net::ServerRequest& request);

  Options options_;
  CallCenter center_;
  GrowingLog log_;
  FaultBoard faults_;
  std::map<std::string, std::size_t> requests_;  // by path
};

}  // namespace pollux::sample_api

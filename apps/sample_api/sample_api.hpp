#pragma once
// SPDX-License-Identifier: Apache-2.0
// The sample API: routes to the call centre, the playground, the page; counts; spoils answers on request. For
// demo and tests. Control: PUT and DELETE /_fault, GET /_fault (names), GET and DELETE /_stats, GET and PUT
// /_limits; these are never counted and never spoiled.

#include <cstddef>
#include <map>
#include <string>

#include "apps/sample_api/call_center.hpp"
#include "apps/sample_api/documents.hpp"
#include "apps/sample_api/fault.hpp"
#include "apps/sample_api/google_desk.hpp"
#include "apps/sample_api/grants.hpp"
#include "apps/sample_api/growing_log.hpp"
#include "apps/sample_api/limited.hpp"
#include "apps/sample_api/options.hpp"
#include "apps/sample_api/paged_lists.hpp"
#include "base/clock.hpp"
#include "net/http_server.hpp"

namespace pollux::sample_api {

class SampleApi {
 public:
  /// The clock must outlive it.
  SampleApi(Options options, const Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        center_(options_, clock),
        grants_(options_, center_),
        google_(options_, clock, center_),
        documents_(clock),
        limited_(clock) {}
  SampleApi(const SampleApi&) = delete;
  SampleApi& operator=(const SampleApi&) = delete;

  net::ServerResponse answer(const net::ServerRequest& request);

 private:
  net::ServerResponse control(const net::ServerRequest& request);
  net::ServerResponse stats() const;
  net::ServerResponse routed(const net::ServerRequest& request);

  Options options_;
  const Clock& clock_;
  CallCenter center_;
  Grants grants_;
  GoogleDesk google_;
  PagedLists lists_;
  Documents documents_;
  GrowingLog log_;
  FaultBoard faults_;
  LimitedEndpoints limited_;
  std::map<std::string, std::size_t> requests_;  // by path
};

}  // namespace pollux::sample_api

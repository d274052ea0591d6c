#pragma once
// SPDX-License-Identifier: Apache-2.0
// GET /log?after=ID: an append-only log, as an API with a "since" parameter has one. For tests of cursors
// and windows. It begins with five rows; with `grow=N` so many are added before each answer. Event thread.

#include <cstddef>

#include "net/http_server.hpp"

namespace pollux::sample_api {

class GrowingLog {
 public:
  /// Rows with an id beyond `after`, at most `limit` (default 100). 400 where a parameter is no whole number,
  /// is empty, or lies beyond the log's end: nobody who keeps a cursor asks so.
  net::ServerResponse answer(const net::ServerRequest& request);

 private:
  std::size_t rows_ = 5;
};

}  // namespace pollux::sample_api

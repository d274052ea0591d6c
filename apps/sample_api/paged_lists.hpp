#pragma once
// SPDX-License-Identifier: Apache-2.0
// One list of items in pages of every kind, below /pages/. Checks what it is sent: a cursor that it did not
// make, or a parameter that is missing, is a 400; pages that are asked for twice or out of order are counted.
// Owned by SampleApi.

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>

#include "net/http_server.hpp"

namespace pollux::sample_api {

class PagedLists {
 public:
  /// nullopt: no such endpoint. All take ?total=25&per_page=10.
  ///   /pages/link    Link header, a bare list          /pages/offset  offset=0, {"results": [...]}
  ///   /pages/next    {"data": [...], "links": {"next"}}  /pages/number  page=1, {"results": [...]}
  ///   /pages/cursor  {"data": [...], "meta": {"next_cursor"}}; with ends=same the last page repeats its
  ///   cursor /pages/header  X-Next-Page, a bare list, page=   /pages/lines, /pages/table  page=, JSON Lines
  ///   and CSV /pages/elsewhere  a Link header that leads to another host
  std::optional<net::ServerResponse> answer(const net::ServerRequest& request);

  /// By path: pages, walks (first pages), twice, out_of_order.
  boost::json::object stats() const;
  void forget() { walks_.clear(); }

 private:
  struct Walk {
    std::size_t pages = 0;
    std::size_t walks = 0;
    std::size_t twice = 0;
    std::size_t out_of_order = 0;
    std::size_t last = 0;
  };
  void count(const std::string& path, std::size_t page);

  std::map<std::string, Walk> walks_;
};

}  // namespace pollux::sample_api

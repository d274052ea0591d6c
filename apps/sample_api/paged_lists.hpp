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
  // clang-format off
  /// nullopt: no such endpoint. All take ?total=25&per_page=10; a number that is none is a 400.
  ///   /pages/link       Link header, a bare list
  ///   /pages/elsewhere  a Link header that leads to another host
  ///   /pages/next       {"data": [...], "links": {"next": ...}}
  ///   /pages/cursor     {"data": [...], "meta": {"next_cursor": ...}}; with ends=same the last page repeats its cursor
  ///   /pages/header     page=1 or nothing; X-Next-Page, a bare list
  ///   /pages/offset     offset=0 (any number); {"results": [...]}
  ///   /pages/number     page=1; {"results": [...]}
  ///   /pages/lines      page=1; JSON Lines
  ///   /pages/table      page=1; CSV
  // clang-format on
  std::optional<net::ServerResponse> answer(const net::ServerRequest& request);

  /// By path: pages, walks (first pages), twice, out_of_order.
  boost::json::object stats() const;
  void forget() { walks_.clear(); }

 private:
  struct Page {  // items, counted from 0
    std::size_t from = 0;
    std::size_t end = 0;
    std::size_t full_end = 0;  // where it would end if the list went on
  };
  struct Walk {
    std::size_t pages = 0;
    std::size_t walks = 0;
    std::size_t twice = 0;
    std::size_t out_of_order = 0;
    Page last;
  };
  void count(const std::string& path, Page page);

  std::map<std::string, Walk> walks_;
};

}  // namespace pollux::sample_api

#pragma once
// SPDX-License-Identifier: Apache-2.0
// From one page to the next, and when there is none: a step function over the pages of one step, without a
// socket. Owned by the coroutine that fetches them; `pages` outlives it.

#include <optional>
#include <set>
#include <string>

#include "base/result.hpp"
#include "config/poll.hpp"
#include "net/http_client.hpp"

namespace pollux::fetch {

/// A page as it came: one whole JSON text, as check_json() finds it.
struct Page {
  std::string url;  // that was asked for, without credentials
  std::string json;
  net::Headers headers;
};

/// What the step's programs said of a page, as JSON; empty where there is no such program.
struct Verdicts {
  std::string until;
  std::string next;
};

class Pager {
 public:
  explicit Pager(const config::Pages& pages) : pages_(pages) {}

  /// The address of the first page: the step's own, with offset or page number.
  std::string first(std::string url);

  /// Takes the page's items; the address of the page after it, or nullopt: it was the last. Last is a page
  /// that names no next one, that is empty (a `jq` decides for itself), on which `until` holds, or whose next
  /// one was asked for before. kMalformed where the page is not what the file says; kRedirect for an address
  /// elsewhere; kTooLarge beyond max_pages: never a silent cut.
  Result<std::optional<std::string>> step(const Page& page, const Verdicts& verdicts);

  /// The number of the page that is being asked for, from 1.
  std::size_t number() const { return number_; }
  /// One JSON list: the items of all pages, in their own bytes.
  std::string take_list() { return "[" + std::move(items_) + "]"; }

 private:
  Result<std::size_t> take_items(const Page& page);
  Result<std::optional<std::string>> address_after(const Page& page, std::size_t items,
                                                   const std::string& verdict) const;

  const config::Pages& pages_;
  std::set<std::string> asked_;
  std::string items_;
  std::string before_;  // the last page's items, of those that are counted
  std::size_t number_ = 1;
  std::size_t offset_ = 0;
};

/// What a `jq` of `paginate` is given: {page, number, url, headers}, header names in small letters.
std::string program_input(const Page& page, std::size_t number);

}  // namespace pollux::fetch

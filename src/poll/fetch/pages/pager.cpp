// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/pages/pager.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cstdlib>
#include <map>

#include "base/ascii.hpp"
#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "base/json_slice.hpp"
#include "poll/fetch/pages/link_header.hpp"
#include "poll/fetch/pages/page_address.hpp"

namespace pollux::fetch {
namespace {

namespace json = boost::json;
using config::Pages;
using Address = Result<std::optional<std::string>>;

bool says_none(std::string_view value) { return value == "null" || value == "false" || value == "\"\""; }

bool is_number(std::string_view value) {
  return !value.empty() && (value.front() == '-' || (value.front() >= '0' && value.front() <= '9'));
}

// A JSON string or number as the text that a query carries: a number's own digits.
std::optional<std::string> as_text(std::string_view value) {
  if (is_number(value)) return std::string(value);
  return json_unquote(value);
}

Address somewhere(const std::string& current, const std::string& next) {
  auto address = next_address(current, next);
  if (!address) return std::unexpected(address.error());
  return std::move(*address);
}

// The next page's address, of what the program made.
Address of_program(const std::string& current, const std::string& verdict) {
  boost::system::error_code error;
  json::value value = json::parse(verdict, error);
  if (error) return fail(ErrorKind::kTransform, "paginate.jq: its value is no JSON");
  if (value.is_null()) return std::nullopt;
  if (value.is_string()) return somewhere(current, std::string(value.get_string()));
  if (!value.is_object()) {
    return fail(ErrorKind::kTransform,
                "paginate.jq made neither null nor an address nor an object of query parameters");
  }
  std::string url = current;
  for (const auto& [name, member] : value.get_object()) {
    if (member.is_null()) {
      url = without_parameter(url, name);
    } else if (member.is_string()) {
      url = with_parameter(url, name, std::string(member.get_string()));
    } else if (member.is_bool()) {
      url = with_parameter(url, name, member.get_bool() ? "true" : "false");
    } else if (member.is_int64() && std::abs(member.get_int64()) <= (1LL << 53)) {
      url = with_parameter(url, name, std::to_string(member.get_int64()));
    } else {
      // jq 1.6 keeps numbers as doubles: a longer one may not be what the page had.
      return fail(ErrorKind::kInexact,
                  fmt::format("paginate.jq: the parameter `{}` is no text and no whole number up to 2^53; "
                              "`cursor:` sends a page's own digits",
                              std::string(name)));
    }
  }
  return url;
}

struct NextAddress {
  const Page& page;
  std::size_t items;   // of this page
  std::size_t offset;  // of the next one's first item
  std::size_t number;  // of this page, from 1
  const std::string& verdict;

  Address operator()(const Pages::LinkHeader& link) const {
    for (const auto& [name, value] : page.headers) {
      if (!ascii_iequals(name, "link")) continue;
      if (auto target = find_link(value, link.rel)) return somewhere(page.url, *target);
    }
    return std::nullopt;
  }
  Address operator()(const Pages::NextUrl& next) const {
    auto value = json_at(page.json, next.at);
    if (!value) return std::unexpected(value.error());
    if (!*value || says_none(**value)) return std::nullopt;
    auto text = json_unquote(**value);
    if (text) return somewhere(page.url, *text);
    return fail(ErrorKind::kMalformed, fmt::format("{} is no text: no address", describe(next.at)));
  }
  Address operator()(const Pages::CursorParameter& cursor) const {
    auto value = json_at(page.json, cursor.at);
    if (!value) return std::unexpected(value.error());
    if (!*value || says_none(**value)) return std::nullopt;
    auto text = as_text(**value);
    if (text) return with_parameter(page.url, cursor.as, *text);
    return fail(ErrorKind::kMalformed, fmt::format("{} is no text and no number", describe(cursor.at)));
  }
  Address operator()(const Pages::Offset& kind) const {
    if (kind.by > 0 && items > kind.by) {
      return fail(ErrorKind::kMalformed,
                  fmt::format("it has {} items, but `by` is {}: some would come twice", items, kind.by));
    }
    return with_parameter(page.url, kind.as, std::to_string(offset));
  }
  Address operator()(const Pages::Number& kind) const {
    return with_parameter(page.url, kind.as, std::to_string(kind.first + number));
  }
  Address operator()(const Pages::Program&) const { return of_program(page.url, verdict); }
};

Result<bool> holds(const std::string& until) {
  if (until.empty() || until == "false" || until == "null") return false;
  if (until == "true") return true;
  return fail(ErrorKind::kTransform, "paginate.until made something that is not true or false");
}

std::string printable(std::string_view text) {
  std::string out;
  for (char c : text) out += c >= 0x20 && c < 0x7F ? c : '?';
  return out;
}

}  // namespace

std::string Pager::first(std::string url) {
  if (const auto* offset = std::get_if<Pages::Offset>(&pages_.next))
    url = with_parameter(url, offset->as, "0");
  if (const auto* number = std::get_if<Pages::Number>(&pages_.next))
    url = with_parameter(url, number->as, std::to_string(number->first));
  asked_.insert(url);
  return url;
}

Result<std::size_t> Pager::take_items(const Page& page) {
  auto place = json_at(page.json, pages_.items);
  if (!place) return std::unexpected(place.error());
  if (!*place || !(*place)->starts_with('[')) {
    return fail(ErrorKind::kMalformed, pages_.items.empty()
                                           ? "it is no list; say where its list is with `items:`"
                                           : fmt::format("there is no list at {}", describe(pages_.items)));
  }
  // Item by item: views of all of them would be many times as large as the page, where its items are small.
  const std::size_t begin = items_.size();
  std::size_t count = 0;
  auto walked = each_json_item(**place, [&](std::string_view item) {
    ++count;
    if (!items_.empty()) items_ += ',';
    items_ += item;
  });
  if (!walked) return std::unexpected(walked.error());
  // Whoever counts is at the API's mercy: one that does not know the parameter sends the first page for ever.
  const bool counted = std::holds_alternative<Pages::Offset>(pages_.next) ||
                       std::holds_alternative<Pages::Number>(pages_.next);
  if (counted && count > 0) {
    const std::string_view all = items_;
    std::string digest = sha256(all.substr(begin > 0 ? begin + 1 : 0));
    if (digest == before_) {
      return fail(ErrorKind::kMalformed,
                  "it has the items of the page before: the API does not know the parameter, or repeats its "
                  "last page; then say with `until:` which one that is");
    }
    before_ = std::move(digest);
  }
  return count;
}

Address Pager::step(const Page& page, const Verdicts& verdicts) {
  auto items = take_items(page);
  if (!items) return std::unexpected(items.error());
  auto last = holds(verdicts.until);
  if (!last) return std::unexpected(last.error());
  const bool decides = std::holds_alternative<Pages::Program>(pages_.next);
  if (*last || (*items == 0 && !decides)) return std::nullopt;
  auto next = address_after(page, *items, verdicts.next);
  if (!next || !*next) return next;
  if (!asked_.insert(**next).second) return std::nullopt;
  if (number_ == pages_.max_pages) {
    return fail(
        ErrorKind::kTooLarge,
        fmt::format("there are more than {} pages; ask for fewer or larger ones, or raise `max_pages`",
                    pages_.max_pages));
  }
  const auto* offset = std::get_if<Pages::Offset>(&pages_.next);
  if (offset != nullptr) offset_ += offset->by > 0 ? offset->by : *items;
  ++number_;
  return next;
}

Address Pager::address_after(const Page& page, std::size_t items, const std::string& verdict) const {
  const auto* offset = std::get_if<Pages::Offset>(&pages_.next);
  const std::size_t by = offset != nullptr && offset->by > 0 ? offset->by : items;
  return std::visit(NextAddress{page, items, offset_ + by, number_, verdict}, pages_.next);
}

std::string program_input(const Page& page, std::size_t number) {
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : page.headers) {
    std::string& all = headers[printable(ascii_lower(name))];
    all += (all.empty() ? "" : ", ") + printable(value);
  }
  std::string out = R"({"headers":{)";
  for (const auto& [name, value] : headers) {
    if (!out.ends_with('{')) out += ',';
    out += json_quote(name) + ":" + json_quote(value);
  }
  return fmt::format(R"({}}},"number":{},"url":{},"page":{}}})", out, number, json_quote(page.url),
                     page.json);
}

}  // namespace pollux::fetch

// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/paged_lists.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace pollux::sample_api {
namespace {

using net::ServerRequest;
using net::ServerResponse;
namespace json = boost::json;

std::optional<std::size_t> number(const ServerRequest& request, std::string_view name) {
  auto text = request.query_value(name);
  if (!text) return std::nullopt;
  std::size_t value = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  bool whole = error == std::errc() && end == text->data() + text->size() && value <= 1'000'000;
  return whole ? std::optional(value) : std::nullopt;
}

// What is asked for: the items from here on, counted from 0.
struct Asked {
  std::size_t total = 25;
  std::size_t size = 10;
  std::size_t from = 0;

  std::size_t page() const { return from / size; }
  std::size_t end() const { return std::min(from + size, total); }
  bool is_last() const { return from + size >= total; }
  std::string sizes() const { return fmt::format("total={}&per_page={}", total, size); }
};

// Absent: the default. nullopt: what is there is no such number, and a default in its place would hide that.
std::optional<std::size_t> number_or(const ServerRequest& request, std::string_view name,
                                     std::size_t absent) {
  return request.query_value(name) ? number(request, name) : std::optional(absent);
}

std::optional<Asked> sizes_of(const ServerRequest& request) {
  auto total = number_or(request, "total", 25);
  auto size = number_or(request, "per_page", 10);
  if (!total || !size || *size == 0) return std::nullopt;
  return Asked{*total, std::min<std::size_t>(*size, 1000)};
}

// Something that only this server can have made: the page, and a sum over it and the sizes.
std::string token(const Asked& asked, std::size_t page) {
  std::uint32_t hash = 2166136261U;
  for (char c : fmt::format("{} {}", page, asked.sizes()))
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return fmt::format("p{}-{:08x}", page, hash);
}

std::optional<std::size_t> page_of_token(const Asked& asked, const std::optional<std::string>& text) {
  if (!text) return 0;
  for (std::size_t page = 0; page * asked.size < asked.total; ++page) {
    if (token(asked, page) == *text) return page;
  }
  return std::nullopt;
}

// Numbers with zeros at their ends: whoever reads and writes them again loses those.
std::string items(const Asked& asked) {
  std::string out = "[";
  for (std::size_t i = asked.from; i < asked.end(); ++i)
    out += fmt::format(R"({}{{"id":{},"price":{}.50}})", i > asked.from ? "," : "", i + 1, i + 1);
  return out + "]";
}

ServerResponse good(std::string body, net::Headers more = {}, std::string type = "application/json") {
  more.emplace_back("Content-Type", std::move(type));
  return {200, std::move(more), std::move(body), {}};
}

ServerResponse bad(std::string_view why) {
  return {400, {{"Content-Type", "application/json"}}, fmt::format(R"({{"message":"{}"}})", why), {}};
}

std::string next_target(const Asked& asked, std::string_view path, std::string_view name) {
  return fmt::format("{}?{}&{}={}", path, asked.sizes(), name, token(asked, asked.page() + 1));
}

ServerResponse link(const Asked& asked, const ServerRequest& request) {
  net::Headers headers;
  const std::string first = fmt::format("<{}?{}>; rel=\"first\"", request.path, asked.sizes());
  const std::string target = next_target(asked, request.path, "at");
  headers.emplace_back("Link",
                       asked.is_last() ? first : fmt::format("{}, <{}>; rel=\"next\"", first, target));
  return good(items(asked), std::move(headers));
}

ServerResponse elsewhere(const Asked& asked, const ServerRequest&) {
  return good(items(asked), {{"Link", "<http://elsewhere.test/pages?at=2>; rel=next"}});
}

ServerResponse next(const Asked& asked, const ServerRequest& request) {
  std::string target = "null";
  if (!asked.is_last())
    target = fmt::format("\"http://{}{}\"", request.header("host"), next_target(asked, request.path, "at"));
  return good(fmt::format(R"({{"data":{},"links":{{"next":{}}}}})", items(asked), target));
}

ServerResponse cursor(const Asked& asked, const ServerRequest& request) {
  std::string following = asked.is_last() ? "null" : fmt::format("\"{}\"", token(asked, asked.page() + 1));
  if (asked.is_last() && request.query_value("ends") == "same")
    following = fmt::format("\"{}\"", token(asked, asked.page()));
  return good(fmt::format(R"({{"data":{},"meta":{{"next_cursor":{}}}}})", items(asked), following));
}

ServerResponse header(const Asked& asked, const ServerRequest&) {
  return good(items(asked), {{"X-Next-Page", asked.is_last() ? "" : std::to_string(asked.page() + 2)}});
}

ServerResponse results(const Asked& asked, const ServerRequest&) {
  return good(fmt::format(R"({{"results":{},"total":{}}})", items(asked), asked.total));
}

ServerResponse lines(const Asked& asked, const ServerRequest&) {
  std::string list = items(asked);
  std::string out;
  for (std::size_t at = 1; at + 1 < list.size();) {
    std::size_t end = list.find('}', at) + 1;
    out += list.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return good(out, {}, "application/x-ndjson");
}

ServerResponse table(const Asked& asked, const ServerRequest&) {
  std::string out = "id,price\r\n";
  for (std::size_t i = asked.from; i < asked.end(); ++i) out += fmt::format("{},{}.50\r\n", i + 1, i + 1);
  return good(out, {}, "text/csv; charset=utf-8");
}

enum class By { kToken, kPage, kOptionalPage, kOffset };
struct Endpoint {
  By by;
  std::string_view parameter;
  ServerResponse (*answer)(const Asked&, const ServerRequest&);
};

const std::map<std::string, Endpoint, std::less<>>& endpoints() {
  static const std::map<std::string, Endpoint, std::less<>> all = {
      {"/pages/link", {By::kToken, "at", link}},
      {"/pages/elsewhere", {By::kToken, "at", elsewhere}},
      {"/pages/next", {By::kToken, "at", next}},
      {"/pages/cursor", {By::kToken, "cursor", cursor}},
      {"/pages/header", {By::kOptionalPage, "page", header}},
      {"/pages/number", {By::kPage, "page", results}},
      {"/pages/offset", {By::kOffset, "offset", results}},
      {"/pages/lines", {By::kPage, "page", lines}},
      {"/pages/table", {By::kPage, "page", table}},
  };
  return all;
}

// Where the page begins. nullopt: what was asked is nothing that this server offered.
std::optional<std::size_t> asked_from(const Endpoint& endpoint, const Asked& asked,
                                      const ServerRequest& request) {
  const auto of_page = [&](std::size_t page) { return page * asked.size; };
  if (endpoint.by == By::kToken)
    return page_of_token(asked, request.query_value(endpoint.parameter)).transform(of_page);
  auto value = number(request, endpoint.parameter);
  if (endpoint.by == By::kOffset) return value;
  bool absent = !request.query_value(endpoint.parameter);
  if (endpoint.by == By::kOptionalPage && absent) return 0;
  return value && *value >= 1 ? std::optional(of_page(*value - 1)) : std::nullopt;
}

}  // namespace

std::optional<ServerResponse> PagedLists::answer(const ServerRequest& request) {
  auto endpoint = endpoints().find(request.path);
  if (endpoint == endpoints().end()) return std::nullopt;
  auto asked = sizes_of(request);
  if (!asked) return bad("`total` or `per_page` is no number, or too large or small");
  auto from = asked_from(endpoint->second, *asked, request);
  if (!from) return bad(fmt::format("`{}` is missing, or none of this server's", endpoint->second.parameter));
  asked->from = *from;
  count(request.path, {*from, asked->end(), *from + asked->size});
  return endpoint->second.answer(*asked, request);
}

void PagedLists::count(const std::string& path, Page page) {
  Walk& walk = walks_[path];
  ++walk.pages;
  if (page.from == 0) {
    ++walk.walks;
  } else if (page.from <= walk.last.from || page.from < walk.last.end) {
    ++walk.twice;
  } else if (page.from != walk.last.end && page.from != walk.last.full_end) {
    ++walk.out_of_order;
  }
  walk.last = page;
}

json::object PagedLists::stats() const {
  json::object out;
  for (const auto& [path, walk] : walks_) {
    out[path] = {{"pages", walk.pages},
                 {"walks", walk.walks},
                 {"twice", walk.twice},
                 {"out_of_order", walk.out_of_order}};
  }
  return out;
}

}  // namespace pollux::sample_api

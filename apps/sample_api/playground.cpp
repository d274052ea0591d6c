// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/playground.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <map>
#include <memory>

#include "base/encoding.hpp"

namespace pollux::sample_api {
namespace {

using net::ServerRequest;
using net::ServerResponse;
namespace json = boost::json;

using Endpoint = ServerResponse (*)(const Options&, const ServerRequest&);
constexpr std::size_t kMostBytes = 1U << 30;

ServerResponse answer(int status, const json::value& value) {
  return {status, {{"Content-Type", "application/json"}}, json::serialize(value), {}};
}

ServerResponse refused(std::string_view scheme) {
  auto response = answer(401, {{"message", "who are you?"}});
  if (!scheme.empty()) response.headers.emplace_back("WWW-Authenticate", scheme);
  return response;
}

std::size_t number(const ServerRequest& request, std::string_view name, std::size_t otherwise) {
  std::string text = request.query_value(name).value_or("");
  std::size_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : otherwise;
}

ServerResponse key(const Options& options, const ServerRequest& request) {
  bool known =
      request.header("x-api-key") == options.api_key || request.query_value("api_key") == options.api_key;
  return known ? answer(200, {{"ok", true}}) : refused("");
}

ServerResponse basic(const Options& options, const ServerRequest& request) {
  bool known = request.header("authorization") == "Basic " + base64(options.user + ":" + options.password);
  return known ? answer(200, {{"ok", true}}) : refused("Basic realm=\"sample\"");
}

/// /items?total=25&per_page=10&page=1: a list in pages, with the next one's address.
ServerResponse items(const Options&, const ServerRequest& request) {
  std::size_t total = std::min<std::size_t>(number(request, "total", 25), 1000000);
  std::size_t size = std::clamp<std::size_t>(number(request, "per_page", 10), 1, 10000);
  std::size_t page = std::clamp<std::size_t>(number(request, "page", 1), 1, 1000001);
  json::array list;
  for (std::size_t i = (page - 1) * size; i < std::min(page * size, total); ++i) {
    list.push_back({{"id", i + 1}, {"name", "item " + std::to_string(i + 1)}});
  }
  json::value next;
  if (page * size < total) {
    next = "/items?total=" + std::to_string(total) + "&per_page=" + std::to_string(size) +
           "&page=" + std::to_string(page + 1);
  }
  return answer(200, {{"items", list}, {"total", total}, {"page", page}, {"next", next}});
}

/// Exactly so many bytes of JSON.
ServerResponse big(const Options&, const ServerRequest& request) {
  std::size_t bytes = std::clamp<std::size_t>(number(request, "bytes", 2048), 11, kMostBytes);
  std::string body = R"({"data":")" + std::string(bytes - 11, 'x') + "\"}";
  return {200, {{"Content-Type", "application/json"}}, std::move(body), {}};
}

ServerResponse redirect(const Options&, const ServerRequest& request) {
  auto status = static_cast<int>(number(request, "status", 302));
  if (status < 300 || status > 399) status = 302;
  return {status, {{"Location", request.query_value("to").value_or("/echo")}}, "", {}};
}

ServerResponse gzip(const Options&, const ServerRequest&) {
  std::string body = R"({"gzipped":true,"text":")" + std::string(2000, 'z') + "\"}";
  std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor(
      libdeflate_alloc_compressor(6), libdeflate_free_compressor);
  std::string out(libdeflate_gzip_compress_bound(compressor.get(), body.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor.get(), body.data(), body.size(), out.data(), out.size()));
  return {200, {{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}}, std::move(out), {}};
}

ServerResponse json_body(const Options&, const ServerRequest& request) {
  if (request.method != "POST") return answer(405, {{"message", "POST only"}});
  if (!request.header("content-type").starts_with("application/json")) {
    return answer(415, {{"message", "Content-Type must be application/json"}});
  }
  boost::system::error_code error;
  json::value value = json::parse(request.body, error);
  if (error) return answer(400, {{"message", error.message()}});
  return answer(200, {{"received", value}});
}

ServerResponse form_body(const Options&, const ServerRequest& request) {
  if (request.method != "POST") return answer(405, {{"message", "POST only"}});
  if (!request.header("content-type").starts_with("application/x-www-form-urlencoded")) {
    return answer(415, {{"message", "Content-Type must be application/x-www-form-urlencoded"}});
  }
  json::object fields;
  for (const auto& [name, value] : net::parse_query(request.body)) fields[name] = value;
  return answer(200, {{"received", fields}});
}

ServerResponse echoed(const Options&, const ServerRequest& request) { return echo(request); }

}  // namespace

ServerResponse echo(const ServerRequest& request) {
  json::object query;
  for (const auto& [name, value] : request.query) query[name] = value;
  json::object headers;
  for (const auto& [name, value] : request.headers) headers[name] = value;
  return answer(200, {{"method", request.method},
                      {"target", request.target},
                      {"path", request.path},
                      {"query", query},
                      {"headers", headers},
                      {"body", request.body}});
}

std::optional<ServerResponse> playground(const Options& options, const ServerRequest& request) {
  static const std::map<std::string, Endpoint, std::less<>> endpoints = {
      {"/echo", echoed}, {"/key", key},        {"/basic", basic},    {"/items", items},       {"/big", big},
      {"/gzip", gzip},   {"/json", json_body}, {"/form", form_body}, {"/redirect", redirect},
  };
  auto found = endpoints.find(request.path);
  if (found == endpoints.end()) return std::nullopt;
  return found->second(options, request);
}

}  // namespace pollux::sample_api

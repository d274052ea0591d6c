// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/documents.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace pollux::sample_api {
namespace {

using net::ServerRequest;
using net::ServerResponse;

ServerResponse plain(std::string type, std::string body) {
  return {200, {{"Content-Type", std::move(type)}}, std::move(body), {}};
}

std::string http_date(Time time) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

// "\u00fc" and "\u00e4" in the sets that a client has to know about.
std::optional<ServerResponse> fixed_answer(std::string_view path) {
  if (path == "/lines")
    return plain("application/x-ndjson", "{\"id\":1,\"price\":1.50}\n\n{\"id\":2,\"price\":2.00}\n");
  if (path == "/table")
    return plain("text/csv; charset=utf-8",
                 "\xEF\xBB\xBFid,name,note\r\n1,Ada,\"says \"\"hi\"\",\r\ntwice\"\r\n2,Bj\xC3\xB6rn,\r\n");
  if (path == "/table/latin1")
    return plain("text/csv; charset=iso-8859-1", "Ort;H\xF6he\nM\xFCnchen;519,5\nK\xF6ln;37\n");
  if (path == "/json/latin1")
    return plain("application/json; charset=ISO-8859-1", "{\"city\":\"M\xFCnchen\"}");
  if (path == "/json/utf16") {
    std::string out = "\xFF\xFE";
    for (char c : std::string_view("{\"city\":\"Bern\"}")) (out += c) += '\0';
    return plain("application/json; charset=utf-16", out);
  }
  return std::nullopt;
}

// RFC 9110, 13.1.2: weak comparison; a list, or *.
bool matches(std::string_view list, const std::string& etag) {
  return list == "*" || list.find(etag) != std::string_view::npos;
}

}  // namespace

std::optional<ServerResponse> Documents::answer(const ServerRequest& request) {
  return request.path == "/document" ? document(request) : fixed_answer(request.path);
}

bool Documents::is_current(const ServerRequest& request, bool etags, bool dates) const {
  std::string_view none_match = request.header("if-none-match");
  if (!none_match.empty()) return etags && matches(none_match, fmt::format("\"v{}\"", version_));
  std::string_view since = request.header("if-modified-since");
  auto time = since.empty() ? std::nullopt : net::parse_http_date(std::string(since));
  return dates && time && modified_ <= *time;
}

ServerResponse Documents::document(const ServerRequest& request) {
  if (request.method == "PUT") {
    body_ = request.body;
    ++version_;
    modified_ = std::chrono::floor<std::chrono::seconds>(clock_.now());
    return {204, {}, "", {}};
  }
  const std::string validators = request.query_value("validators").value_or("both");
  const bool etags = validators == "both" || validators == "etag";
  const bool dates = validators == "both" || validators == "last_modified";
  std::string_view none_match = request.header("if-none-match");
  // A client that made up its own tag, or left the quotes off.
  if (!none_match.empty() && none_match != "*" && !none_match.starts_with("\"v") &&
      !none_match.starts_with("W/\"v"))
    return {400, {{"Content-Type", "application/json"}}, R"({"message":"no entity tag of this server"})", {}};
  net::Headers headers;
  if (etags) headers.emplace_back("ETag", fmt::format("\"v{}\"", version_));
  if (dates) headers.emplace_back("Last-Modified", http_date(modified_));
  if (is_current(request, etags, dates)) {
    ++not_modified_;
    return {304, std::move(headers), "", {}};
  }
  ++sent_;
  headers.emplace_back("Content-Type", "application/json");
  return {200, std::move(headers), body_, {}};
}

}  // namespace pollux::sample_api

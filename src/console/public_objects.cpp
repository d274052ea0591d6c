// SPDX-License-Identifier: Apache-2.0
#include "console/public_objects.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <utility>

#include "base/digest.hpp"
#include "console/negotiate.hpp"

namespace pollux::console {
namespace {

using net::ServerRequest;
using net::ServerResponse;

constexpr std::size_t kLeastGzip = 256;
constexpr int kGzipLevel = 6;

/// nullopt where gzip would not make it smaller.
std::optional<std::string> gzipped(std::string_view bytes) {
  std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor(
      libdeflate_alloc_compressor(kGzipLevel), libdeflate_free_compressor);
  if (!compressor) return std::nullopt;
  std::string out(bytes.size(), '\0');
  out.resize(libdeflate_gzip_compress(compressor.get(), bytes.data(), bytes.size(), out.data(), out.size()));
  if (out.empty()) return std::nullopt;
  return out;
}

bool compressible(const StoredObject& object) {
  if (object.body.size() < kLeastGzip || object.body.size() > kMostGzip) return false;
  std::string_view type = object.content_type;
  for (std::string_view word : {"json", "text/", "xml", "javascript"}) {
    if (type.find(word) != std::string_view::npos) return true;
  }
  return false;
}

bool is_header_list(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~, ").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

/// Always says that the answer depends on the origin, also where it is allowed to none: a cache that kept an
/// answer without that would break the next origin.
net::Headers open_headers(const PublicStore& store, const ServerRequest& request) {
  net::Headers headers = {{"Vary", "Origin, Accept-Encoding"},
                          {"X-Content-Type-Options", "nosniff"},
                          {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox"},
                          {"Referrer-Policy", "no-referrer"}};
  if (auto origin = allowed_origin(store.cors_origins, request.header("origin"))) {
    headers.emplace_back("Access-Control-Allow-Origin", *origin);
    headers.emplace_back("Access-Control-Expose-Headers", "ETag, Date");
    headers.emplace_back("Cross-Origin-Resource-Policy", "cross-origin");
  }
  return headers;
}

}  // namespace

ServerResponse preflight(const PublicStore& store, const ServerRequest& request) {
  ServerResponse response{204, open_headers(store, request), "", {}};
  std::string_view method = request.header("access-control-request-method");
  if (method.empty()) {  // a plain OPTIONS
    response.headers.emplace_back("Allow", "GET, HEAD, OPTIONS");
    return response;
  }
  bool readable = !net::find_header(response.headers, "access-control-allow-origin").empty();
  if (!readable || (method != "GET" && method != "HEAD")) {
    response.status = 403;
    response.body = "this origin or method is not allowed\n";
    response.headers.emplace_back("Content-Type", "text/plain");
    return response;
  }
  response.headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD");
  // Nothing here depends on a request's headers, so pages may send whatever their libraries add (fetch() with
  // a content type on a GET is a common one).
  std::string_view asked = request.header("access-control-request-headers");
  if (!asked.empty() && is_header_list(asked))
    response.headers.emplace_back("Access-Control-Allow-Headers", asked);
  response.headers.emplace_back("Access-Control-Max-Age", "3600");
  return response;
}

ServerResponse object_answer(const PublicStore& store, const ServerRequest& request,
                             std::optional<StoredObject> object) {
  ServerResponse response{200, open_headers(store, request), "", {}};
  if (!object) {
    response.status = 404;
    response.body = "no such object\n";
    response.headers.emplace_back("Content-Type", "text/plain");
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
  }
  std::string tag = sha256_hex(object->body);
  if (compressible(*object) && accepts_gzip(request.header("accept-encoding"))) {
    if (auto smaller = gzipped(object->body)) {
      object->body = std::move(*smaller);
      tag += "-gzip";  // another representation, so another strong tag (RFC 9110, 8.8.3.3)
      response.headers.emplace_back("Content-Encoding", "gzip");
    }
  }
  std::string etag = '"' + tag + '"';
  response.headers.emplace_back("ETag", etag);
  response.headers.emplace_back("Accept-Ranges", "none");
  if (!object->cache_control.empty()) response.headers.emplace_back("Cache-Control", object->cache_control);
  std::string_view known = request.header("if-none-match");
  if (!known.empty() && matches_etag(known, etag)) {
    response.status = 304;
    std::erase_if(response.headers, [](const auto& header) { return header.first == "Content-Encoding"; });
    return response;
  }
  response.headers.emplace_back(
      "Content-Type", object->content_type.empty() ? "application/octet-stream" : object->content_type);
  response.body = std::move(object->body);
  return response;
}

}  // namespace pollux::console

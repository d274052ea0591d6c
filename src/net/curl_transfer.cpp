// SPDX-License-Identifier: Apache-2.0
#include "net/curl_transfer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pollux::net {
namespace {

std::string_view trimmed(std::string_view text) {
  auto from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

bool safe_header(std::string_view name, std::string_view value) {
  constexpr std::string_view kBreaks("\r\n\0", 3);
  return !name.empty() && name.find_first_of(": \t\r\n") == std::string_view::npos &&
         value.find_first_of(kBreaks) == std::string_view::npos;
}

bool is_https(std::string_view url) { return url.starts_with("https:"); }

}  // namespace

CurlTransfer::CurlTransfer(HttpRequest request, CurlEasy easy)
    : request_(std::move(request)), easy_(std::move(easy)) {}

Result<void> CurlTransfer::prepare() {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS,
                   1L);  // an object's name may hold "..": it is ours to judge, not curl's to mend
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  if (request_.decompress) curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, reason_);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  if (request_.ca_file) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, request_.ca_file->c_str());
    curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, request_.ca_file->c_str());
    // In place of the system's: libcurl would still look into the system's folder of certificates.
    curl_easy_setopt(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr));
    curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, static_cast<char*>(nullptr));
  }
  set_limits();
  set_egress();
  set_method();
  return set_headers();
}

void CurlTransfer::set_limits() {
  CURL* easy = easy_.get();
  // curl counts a stall in whole seconds; a shorter one becomes one second.
  auto stall = std::max<long>(
      1, static_cast<long>(std::chrono::ceil<std::chrono::seconds>(request_.stall_timeout).count()));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request_.total_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, stall);
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request_.max_body.count));
}

// The proxy is the declared one or none: curl would otherwise take http_proxy, https_proxy, all_proxy and
// no_proxy from the environment, and go around or through something that nobody declared.
void CurlTransfer::set_egress() {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  curl_easy_setopt(easy, CURLOPT_PROXY, request_.proxy ? request_.proxy->reveal().c_str() : "");
  if (!request_.proxy) return;
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

void CurlTransfer::set_method() {
  CURL* easy = easy_.get();
  if (request_.method == "GET") return;
  if (request_.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request_.method != "DELETE" || !request_.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.c_str());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  }
  if (request_.method != "POST") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

Result<void> CurlTransfer::set_headers() {
  curl_slist* list = nullptr;
  // Neither a pause for "100 Continue" nor a content type that nobody asked for.
  list = curl_slist_append(list, "Expect:");
  bool content_type = false;
  for (const auto& [name, value] : request_.headers) {
    if (!safe_header(name, value)) {
      curl_slist_free_all(list);
      return fail(ErrorKind::kUsage,
                  fmt::format("the header {} holds a line break or its name is not one", name));
    }
    content_type |= curl_strequal(name.c_str(), "Content-Type") != 0;
    list = curl_slist_append(list, (value.empty() ? name + ";" : name + ": " + value).c_str());
  }
  if (!content_type) list = curl_slist_append(list, "Content-Type:");
  headers_.reset(list);
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, list);
  return {};
}

std::size_t CurlTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& response = static_cast<CurlTransfer*>(self)->response_;
  std::string_view line = trimmed({data, size * count});
  if (line.starts_with("HTTP/")) {  // the answer proper, after a proxy's or a 1xx
    response.headers.clear();
    return size * count;
  }
  if (auto colon = line.find(':'); colon != std::string_view::npos && colon > 0) {
    response.headers.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  return size * count;
}

std::size_t CurlTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  if (transfer.response_.body.size() + size * count > transfer.request_.max_body.count) {
    transfer.too_large_ = true;
    return 0;
  }
  transfer.response_.body.append(data, size * count);
  return size * count;
}

Result<HttpResponse> CurlTransfer::finish(CURLcode code) {
  if (code != CURLE_OK) return std::unexpected(error_of(code));
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  return std::move(response_);
}

std::string CurlTransfer::redirect_target() const {
  char* url = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &url);
  return url != nullptr ? url : "";
}

Error CurlTransfer::error_of(CURLcode code) const {
  const std::string host = host_of(request_.url);
  const std::string proxy = request_.proxy ? host_of(request_.proxy->reveal()) : "";
  const std::string reason = reason_[0] != '\0' ? reason_ : curl_easy_strerror(code);
  auto make = [&](ErrorKind kind, std::string message, Retry retry) {
    return Error{kind, std::move(message), retry, {}};
  };

  long connect_status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_CONNECTCODE, &connect_status);
  if (request_.proxy && is_https(request_.url) && connect_status >= 300) {
    return make(ErrorKind::kProxy,
                fmt::format("the proxy {} answered {} when asked for {}", proxy, connect_status, host),
                connect_status >= 500 ? Retry::later() : Retry::never());
  }
  if (too_large_ || code == CURLE_FILESIZE_EXCEEDED) {
    return make(ErrorKind::kTooLarge,
                fmt::format("the answer of {} is larger than {}", host, describe_bytes(request_.max_body)),
                Retry::never());
  }
  switch (code) {
    case CURLE_URL_MALFORMAT:
      return make(ErrorKind::kUsage, fmt::format("not an http or https address: host {}", host),
                  Retry::never());
    case CURLE_UNSUPPORTED_PROTOCOL:  // what curl also says of an answer without a status line
    case CURLE_WEIRD_SERVER_REPLY:
      return make(ErrorKind::kMalformed, fmt::format("{} did not answer in HTTP: {}", host, reason),
                  Retry::later());
    case CURLE_OUT_OF_MEMORY:  // what curl says of a header beyond its limit of 100 kB
      return make(ErrorKind::kTooLarge, fmt::format("the headers of {}'s answer are too large", host),
                  Retry::never());
    case CURLE_COULDNT_RESOLVE_PROXY:
      return make(ErrorKind::kProxy, fmt::format("the proxy's name {} was not found", proxy), Retry::later());
    case CURLE_PROXY:
      return make(ErrorKind::kProxy, fmt::format("the proxy {} failed: {}", proxy, reason), Retry::later());
    case CURLE_COULDNT_RESOLVE_HOST:
      return make(ErrorKind::kNetwork, fmt::format("the name {} was not found", host), Retry::later());
    case CURLE_COULDNT_CONNECT:
      if (request_.proxy) {
        return make(ErrorKind::kProxy,
                    fmt::format("the egress proxy {} could not be reached: {}", proxy, reason),
                    Retry::later());
      }
      return make(ErrorKind::kNetwork, fmt::format("{} could not be reached: {}", host, reason),
                  Retry::later());
    case CURLE_OPERATION_TIMEDOUT:
      return make(ErrorKind::kTimeout, fmt::format("{} took too long: {}", host, reason), Retry::later());
    case CURLE_PARTIAL_FILE:
      return make(ErrorKind::kTruncated, fmt::format("{} sent less than it announced: {}", host, reason),
                  Retry::later());
    case CURLE_BAD_CONTENT_ENCODING:
      return make(ErrorKind::kMalformed, fmt::format("{} sent compressed data that cannot be unpacked", host),
                  Retry::later());
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return make(ErrorKind::kTls, fmt::format("no trusted TLS connection to {}: {}", host, reason),
                  Retry::later());
    default:
      return make(ErrorKind::kNetwork, fmt::format("{} failed: {}", host, reason), Retry::later());
  }
}

}  // namespace pollux::net

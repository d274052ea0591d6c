// SPDX-License-Identifier: Apache-2.0
#include "net/curl_transfer.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "net/curl_error.hpp"

namespace pollux::net {
namespace {

bool safe_header(std::string_view name, std::string_view value) {
  constexpr std::string_view kBreaks("\r\n\0", 3);
  return !name.empty() && name.find_first_of(": \t\r\n") == std::string_view::npos &&
         value.find_first_of(kBreaks) == std::string_view::npos;
}

// The empty text is no password, but without it OpenSSL would ask for one on the terminal.
const char* password_of(const ClientCertificate& certificate) {
  return certificate.key_password ? certificate.key_password->reveal().c_str() : "";
}

}  // namespace

CurlTransfer::CurlTransfer(HttpRequest request, CurlEasy easy)
    : request_(std::move(request)), easy_(std::move(easy)) {}

Result<void> CurlTransfer::prepare(const std::string& system_cas) {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS,
                   1L);  // an object's name may hold "..": it is ours to judge, not curl's to mend
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  if (request_.decompress) curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, reason_);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &CurlTransfer::on_sending);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlTransfer::on_connecting);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  set_limits();
  set_tls(system_cas);
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

void CurlTransfer::set_tls(const std::string& system_cas) {
  CURL* easy = easy_.get();
  const WayOut& way = request_.way;
  const long least = way.tls_at_least == TlsVersion::k13 ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2;
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, least);
  curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  // HTTP/2 where TLS offers it (ALPN). A request to a host that is being connected to waits for that
  // connection: it may carry both, and a handshake costs an API more than a stream.
  // Not inside of TLS to a proxy: libcurl 7.88 can miss there what both layers of TLS have read already, and
  // the streams of an HTTP/2 connection then wait for their time to run out.
  const bool tls_in_tls = request_.way.proxy && request_.way.proxy->reveal().starts_with("https:");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                   static_cast<long>(tls_in_tls ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, request_.url.starts_with("https:") && !tls_in_tls ? 1L : 0L);
  auto trust = [&](const std::optional<std::filesystem::path>& own, CURLoption file, CURLoption folder) {
    if (own) {
      curl_easy_setopt(easy, file, own->c_str());
      // In place of the system's: libcurl would still look into the system's folder of certificates.
      curl_easy_setopt(easy, folder, static_cast<char*>(nullptr));
    } else if (!system_cas.empty()) {
      curl_easy_setopt(easy, file, system_cas.c_str());
    }
  };
  trust(way.ca_file, CURLOPT_CAINFO, CURLOPT_CAPATH);
  trust(way.proxy_ca_file, CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH);
  if (!way.certificate) return;
  curl_easy_setopt(easy, CURLOPT_SSLCERT, way.certificate->certificate.c_str());
  curl_easy_setopt(easy, CURLOPT_SSLKEY, way.certificate->key.c_str());
  curl_easy_setopt(easy, CURLOPT_KEYPASSWD, password_of(*way.certificate));
}

// The proxy is the declared one or none: curl would otherwise take http_proxy, https_proxy, all_proxy and
// no_proxy from the environment, and go around or through something that nobody declared.
void CurlTransfer::set_egress() {
  CURL* easy = easy_.get();
  const auto& proxy = request_.way.proxy;
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy ? proxy->reveal().c_str() : "");
  if (!proxy) return;
  curl_easy_setopt(easy, CURLOPT_SOCKS5_AUTH, static_cast<long>(CURLAUTH_BASIC));
  // Where the address names no port: what its scheme says, not curl's 1080 for http.
  if (proxy->reveal().starts_with("http:")) curl_easy_setopt(easy, CURLOPT_PROXYPORT, 80L);
}

void CurlTransfer::set_method() {
  CURL* easy = easy_.get();
  if (request_.method == "GET") return;
  if (request_.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  // Where a kept connection ends under a request nobody knows whether it arrived. Others are then asked again
  // by whoever counts them; a POST is not, so it begins on a connection that nobody is about to close.
  if (request_.method == "POST") curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
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
  auto& transfer = *static_cast<CurlTransfer*>(self);
  auto& response = transfer.response_;
  std::string_view line = ascii_trimmed({data, size * count});
  // Nothing was asked yet: a proxy speaks of the tunnel. Later it has no chance to, see on_connecting().
  if (!transfer.begun_) {
    transfer.hear_of_tunnel(line);
    return size * count;
  }
  if (line.starts_with("HTTP/")) {  // the answer proper, after a proxy's or a 1xx
    response.headers.clear();
    return size * count;
  }
  if (auto colon = line.find(':'); colon != std::string_view::npos && colon > 0) {
    response.headers.emplace_back(ascii_trimmed(line.substr(0, colon)),
                                  ascii_trimmed(line.substr(colon + 1)));
  }
  return size * count;
}

// Kept is only what says why there is no tunnel, and the last of it: a proxy may send as many headers as it
// likes, and of several proxies the nearest speaks last (RFC 9209, 2).
void CurlTransfer::hear_of_tunnel(std::string_view line) {
  constexpr std::size_t kMost = 4, kLongest = 4096;
  if (line.starts_with("HTTP/")) return of_tunnel_.clear();
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || line.size() > kLongest) return;
  const std::string name(line.substr(0, colon));
  for (const char* wanted : {"Proxy-Status", "X-Squid-Error", "X-Smokescreen-Error"}) {
    if (curl_strequal(name.c_str(), wanted) == 0) continue;
    if (of_tunnel_.size() >= kMost) of_tunnel_.erase(of_tunnel_.begin());
    of_tunnel_.emplace_back(wanted, ascii_trimmed(line.substr(colon + 1)));
  }
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

// Called before each sending. One transfer is one request, which its upstream's limits count: but curl sends
// it again by itself, whatever its method, where a connection that was used before ends without an answer
// (Curl_retry_request), and where an HTTP/2 server refuses the stream.
int CurlTransfer::on_sending(void* self, char*, char*, int, int) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  transfer.sent_again_ = transfer.begun_;
  transfer.begun_ = true;
  return transfer.sent_again_ ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

// What has been sent needs no other connection, but to be sent again. It ends here, before a proxy is asked
// for a tunnel that nothing would go through: a proxy that then says no, or is away, would be taken for one
// that had kept the request from leaving.
curl_socket_t CurlTransfer::on_connecting(void* self, curlsocktype, curl_sockaddr* to) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  if (transfer.begun_) {
    transfer.sent_again_ = true;
    return CURL_SOCKET_BAD;
  }
  return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

Result<HttpResponse> CurlTransfer::finish(CURLcode code) {
  // A name is looked for before there is a socket to be had.
  if (code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_COULDNT_RESOLVE_HOST) sent_again_ |= begun_;
  if (code != CURLE_OK) {
    return std::unexpected(
        error_of({easy_.get(), code, &request_, reason_, of_tunnel_, begun_, too_large_, sent_again_}));
  }
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

}  // namespace pollux::net

// SPDX-License-Identifier: Apache-2.0
#include "net/probe.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include "base/ip_address.hpp"
#include "net/curl_transfer.hpp"
#include "net/proxy_place.hpp"
#include "net/proxy_status.hpp"

namespace pollux::net {
namespace {

// What hooks of libcurl and OpenSSL write down while the transfer runs.
struct Notes {
  std::vector<std::string> opened;
  std::deque<TlsSeen> tls;  // the proxy's first: it stands before there is another one
};

// A certificate is foreign: no control characters, and not the length that it likes.
std::string shown(std::string text) {
  constexpr std::size_t kLongest = 300;
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '?');
  return text;
}

std::string name_of(const X509_NAME* name) {
  std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return size > 0 ? shown(std::string(text, static_cast<std::size_t>(size))) : "(no name)";
}

Time time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return Time(std::chrono::seconds(timegm(&parts)));
}

// In place of OpenSSL's own verification, which it calls and whose answer it gives: only here the certificate
// of a peer is seen that is not trusted.
int on_verify(X509_STORE_CTX* store, void* seen) {
  auto& tls = *static_cast<TlsSeen*>(seen);
  const int good = X509_verify_cert(store);
  if (const X509* leaf = X509_STORE_CTX_get0_cert(store)) {
    tls.peer = PeerCertificate{name_of(X509_get_subject_name(leaf)), name_of(X509_get_issuer_name(leaf)),
                               time_of(X509_get0_notBefore(leaf)), time_of(X509_get0_notAfter(leaf))};
  }
  if (good != 1) tls.distrust = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
  return good;
}

int place_of_seen() {
  static const int place = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return place;
}

void on_handshake(const SSL* ssl, int where, int) {
  if ((where & SSL_CB_HANDSHAKE_DONE) == 0) return;
  auto* seen = static_cast<TlsSeen*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), place_of_seen()));
  if (seen == nullptr) return;
  seen->version = SSL_get_version(ssl);
  seen->cipher = SSL_get_cipher_name(ssl);
}

// Called once for each TLS, when libcurl has set it up.
CURLcode on_tls(CURL*, void* context, void* notes) {
  auto* ctx = static_cast<SSL_CTX*>(context);
  TlsSeen& seen = static_cast<Notes*>(notes)->tls.emplace_back();
  SSL_CTX_set_ex_data(ctx, place_of_seen(), &seen);
  SSL_CTX_set_cert_verify_callback(ctx, &on_verify, &seen);
  SSL_CTX_set_info_callback(ctx, &on_handshake);
  return CURLE_OK;
}

std::string text_of(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return std::string(text.data()) + ":" + std::to_string(ntohs(v4.sin_port));
  }
  if (address.sa_family != AF_INET6) return "(no IP address)";
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof v6);
  inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(v6.sin6_port));
}

void add_address(std::vector<std::string>& to, const sockaddr& address, std::size_t size) {
  sockaddr_storage whole{};
  std::memcpy(&whole, &address, std::min(size, sizeof whole));
  std::string text = text_of(reinterpret_cast<const sockaddr&>(whole));
  if (std::ranges::find(to, text) == to.end()) to.push_back(std::move(text));
}

// All that libcurl connects to comes by here.
curl_socket_t on_open(void* notes, curlsocktype, curl_sockaddr* address) {
  add_address(static_cast<Notes*>(notes)->opened, address->addr, address->addrlen);
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// "[::1]:3128" and "egress.internal:3128" in two.
std::pair<std::string, std::string> host_and_port(const std::string& place) {
  const auto colon = place.rfind(':');
  std::string host = place.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return {std::move(host), place.substr(colon + 1)};
}

std::vector<std::string> addresses_of(const std::string& place) {
  const auto [host, port] = host_and_port(place);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return {};  // libcurl will say why
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, &freeaddrinfo);
  std::vector<std::string> out;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next)
    add_address(out, *one->ai_addr, one->ai_addrlen);
  return out;
}

using CurlList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// "egress.internal:3128:192.0.2.1,[2001:db8::1]": asked a second time, a name with many addresses may have
// others, and libcurl's would be none of those that are taken for the proxy's.
CurlList pinned(const std::string& place, const std::vector<std::string>& addresses) {
  const auto [host, port] = host_and_port(place);
  std::string text;
  if (IpAddress::parse(host)) return {nullptr, &curl_slist_free_all};
  for (const std::string& address : addresses)
    text += (text.empty() ? host + ":" + port + ":" : ",") + address.substr(0, address.rfind(':'));
  return {text.empty() ? nullptr : curl_slist_append(nullptr, text.c_str()), &curl_slist_free_all};
}

void start_curl_once() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

bool by_tls_proxy(const HttpRequest& request) {
  return request.way.proxy && request.way.proxy->reveal().starts_with("https:");
}

void take_tls(Notes& notes, bool proxy_first, Probe& out) {
  for (TlsSeen& seen : notes.tls) {
    auto& place = std::exchange(proxy_first, false) ? out.proxy_tls : out.tls;
    place = std::move(seen);
  }
}

}  // namespace

bool needs_request(const HttpRequest& request) { return proxy_sees(request); }

Probe probe(HttpRequest request, const std::string& system_cas) {
  start_curl_once();
  Probe out;
  Notes notes;
  const bool whole = needs_request(request);
  const bool proxy_has_tls = by_tls_proxy(request);
  const std::string proxy = request.way.proxy ? place_of_proxy(request.way.proxy->reveal()) : "";
  if (!proxy.empty()) out.proxy = addresses_of(proxy);
  const CurlList pins = pinned(proxy, out.proxy);
  request.method = whole ? "HEAD" : "GET";
  request.body.clear();
  CurlTransfer transfer(std::move(request), CurlEasy(curl_easy_init()));
  if (auto prepared = transfer.prepare(system_cas); !prepared) {
    out.error = prepared.error();
    return out;
  }
  CURL* easy = transfer.easy();
  curl_easy_setopt(easy, CURLOPT_RESOLVE, pins.get());
  if (!whole) curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, &on_tls);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, &notes);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &on_open);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &notes);
  auto answer = transfer.finish(curl_easy_perform(easy));
  long connect_status = 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &connect_status);
  out.connect_status = static_cast<int>(connect_status);
  if (!answer) {
    out.error = answer.error();
  } else if (whole) {
    out.status = answer->status;
    out.headers = std::move(answer->headers);
  }
  out.opened = std::move(notes.opened);
  take_tls(notes, proxy_has_tls, out);
  return out;
}

}  // namespace pollux::net

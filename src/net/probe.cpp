// SPDX-License-Identifier: Apache-2.0
#include "net/probe.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
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

#include "net/curl_transfer.hpp"
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

// All that libcurl connects to comes by here.
curl_socket_t on_open(void* notes, curlsocktype, curl_sockaddr* address) {
  auto& opened = static_cast<Notes*>(notes)->opened;
  sockaddr_storage whole{};
  std::memcpy(&whole, &address->addr, std::min<std::size_t>(address->addrlen, sizeof whole));
  std::string text = text_of(reinterpret_cast<const sockaddr&>(whole));
  if (std::ranges::find(opened, text) == opened.end()) opened.push_back(std::move(text));
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
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
  request.method = whole ? "HEAD" : "GET";
  request.body.clear();
  CurlTransfer transfer(std::move(request), CurlEasy(curl_easy_init()));
  if (auto prepared = transfer.prepare(system_cas); !prepared) {
    out.error = prepared.error();
    return out;
  }
  CURL* easy = transfer.easy();
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

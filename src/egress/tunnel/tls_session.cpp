// SPDX-License-Identifier: Apache-2.0
#include "egress/tunnel/tls_session.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cerrno>
#include <new>

namespace pollux::egress {
namespace {

using Code = boost::system::error_code;

// A name with a NUL or a line break in it is a forgery, or useless.
bool plain(std::string_view text) {
  return !text.empty() && std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

void add(std::vector<std::string>& names, const char* kind, std::string_view value) {
  if (plain(value)) names.push_back(std::string(kind) + "=" + std::string(value));
}

void add_subject(std::vector<std::string>& names, const X509* certificate, int id, const char* kind) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, id, at)) >= 0;) {
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size < 0) continue;
    add(names, kind, {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)});
    OPENSSL_free(text);
  }
}

void add_alternatives(std::vector<std::string>& names, const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    int kind = 0;
    const auto* value =
        static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all.get(), i), &kind));
    if (kind != GEN_DNS && kind != GEN_URI) continue;
    add(names, kind == GEN_DNS ? "DNS" : "URI",
        {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
         static_cast<std::size_t>(ASN1_STRING_length(value))});
  }
}

}  // namespace

TlsSession::TlsSession(SSL_CTX* context, int socket) : ssl_(SSL_new(context)) {
  if (!ssl_ || SSL_set_fd(ssl_.get(), socket) != 1) throw std::bad_alloc();
  SSL_set_accept_state(ssl_.get());
}

// SSL_get_error(3) looks at the queue too, so that each step begins with an empty one.
Step TlsSession::step_of(int returned) {
  const int system = errno;
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return {Want::kRead, {}, 0};
    case SSL_ERROR_WANT_WRITE:
      return {Want::kWrite, {}, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Want::kNothing, boost::asio::error::eof, 0};
    case SSL_ERROR_SYSCALL:
      if (system == 0) return {Want::kNothing, boost::asio::error::eof, 0};
      return {Want::kNothing, Code(system, boost::system::system_category()), 0};
    default:
      break;
  }
  const Code why(static_cast<int>(ERR_get_error()), boost::asio::error::get_ssl_category());
  ERR_clear_error();
  return {Want::kNothing, why, 0};
}

Step TlsSession::handshake() {
  ERR_clear_error();
  errno = 0;
  const int returned = SSL_do_handshake(ssl_.get());
  return returned == 1 ? Step{} : step_of(returned);
}

Step TlsSession::read(std::span<char> into) {
  ERR_clear_error();
  errno = 0;
  std::size_t count = 0;
  const int returned = SSL_read_ex(ssl_.get(), into.data(), into.size(), &count);
  return returned == 1 ? Step{Want::kNothing, {}, count} : step_of(returned);
}

Step TlsSession::write(std::span<const char> bytes) {
  ERR_clear_error();
  errno = 0;
  std::size_t count = 0;
  const int returned = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
  return returned == 1 ? Step{Want::kNothing, {}, count} : step_of(returned);
}

Step TlsSession::shut() {
  ERR_clear_error();
  errno = 0;
  const int returned = SSL_shutdown(ssl_.get());
  return returned >= 0 ? Step{} : step_of(returned);
}

std::vector<std::string> TlsSession::peer_names() const {
  std::vector<std::string> names;
  const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return names;
  add_subject(names, certificate, NID_commonName, "CN");
  add_alternatives(names, certificate);
  add_subject(names, certificate, NID_organizationalUnitName, "OU");
  return names;
}

}  // namespace pollux::egress

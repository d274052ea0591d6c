// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/hello_reader.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/tls1.h>

#include <algorithm>
#include <new>
#include <span>

namespace pollux::egress {
namespace {

constexpr unsigned kEncryptedClientHello = 0xFE0D;  // RFC 9849, 11.1

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

std::span<const unsigned char> extension(SSL* hello, unsigned type, bool& there) {
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  there = SSL_client_hello_get0_ext(hello, type, &data, &size) == 1;
  return {data, size};
}

// A list of one name of the one kind that there is (RFC 6066, 3): OpenSSL's own server takes no other either.
// nullopt: something else.
std::optional<std::string> only_name(std::span<const unsigned char> list) {
  constexpr std::size_t kHead = 5;  // the list's length, the name's kind and length
  constexpr unsigned char kHostName = 0;
  if (list.size() <= kHead || list[2] != kHostName) return std::nullopt;
  const std::size_t listed = static_cast<std::size_t>(list[0]) * 256 + list[1];
  const std::size_t named = static_cast<std::size_t>(list[3]) * 256 + list[4];
  if (listed != list.size() - 2 || named != list.size() - kHead) return std::nullopt;
  const auto name = list.subspan(kHead);
  return std::string(name.begin(), name.end());
}

SeenHello read(SSL* hello) {
  ClientHello out;
  bool named = false;
  const auto names = extension(hello, TLSEXT_TYPE_server_name, named);
  if (named) {
    out.server_name = only_name(names);
    if (!out.server_name) return std::unexpected(SniFault::kMalformed);
  }
  extension(hello, kEncryptedClientHello, out.encrypted);
  return out;
}

// Called when the hello is there and taken apart, and nothing has been done about it.
int look(SSL* hello, int*, void*) {
  *static_cast<std::optional<SeenHello>*>(SSL_get_app_data(hello)) = read(hello);
  return SSL_CLIENT_HELLO_RETRY;  // goes no further
}

Context make_context() {
  Context context(SSL_CTX_new(TLS_server_method()));
  if (!context) throw std::bad_alloc();
  SSL_CTX_set_client_hello_cb(context.get(), look, nullptr);
  // OpenSSL shows only extensions that it knows. Where it knows this one by itself, this fails, and need not
  // do anything.
  SSL_CTX_add_custom_ext(context.get(), kEncryptedClientHello, SSL_EXT_CLIENT_HELLO, nullptr, nullptr,
                         nullptr, nullptr, nullptr);
  ERR_clear_error();
  return context;
}

}  // namespace

struct HelloReader::Parts {
  std::unique_ptr<SSL, FreeSsl> ssl;
  BIO* in = nullptr;  // ssl owns it
  std::optional<SeenHello> seen;
};

HelloReader::HelloReader(Which which) : which_(which), parts_(std::make_unique<Parts>()) {
  static const Context kContext = make_context();
  parts_->ssl.reset(SSL_new(kContext.get()));
  parts_->in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_null());
  if (!parts_->ssl || parts_->in == nullptr || out == nullptr) {
    BIO_free(parts_->in);
    BIO_free(out);
    throw std::bad_alloc();
  }
  BIO_set_mem_eof_return(parts_->in, -1);  // empty is not the end
  SSL_set_bio(parts_->ssl.get(), parts_->in, out);
  SSL_set_app_data(parts_->ssl.get(), &parts_->seen);
}

HelloReader::~HelloReader() = default;

std::optional<SeenHello> HelloReader::take(std::string_view bytes) {
  std::optional<SeenHello>& seen = parts_->seen;
  while (!bytes.empty() && !seen) {
    if (size() == 0 && !may_begin_with(bytes.front())) return seen = std::unexpected(SniFault::kNotTls);
    const auto piece = records_.take(bytes.substr(0, kLongest - taken_));
    const bool is_hellos = piece && piece->kind == TlsRecords::kHandshake;
    if (!piece || (!is_hellos && (begun() || which_ == Which::kFirst)))
      return seen = std::unexpected(SniFault::kMalformed);
    if (!is_hellos) {
      before_ += piece->size;
      if (before_ > kMostBefore) seen = std::unexpected(SniFault::kTooLong);
    } else {
      BIO_write(parts_->in, bytes.data(), static_cast<int>(piece->size));
      taken_ += piece->size;
      seen = add(piece->content);
      if (!seen && taken_ == kLongest) seen = std::unexpected(SniFault::kTooLong);
    }
    bytes.remove_prefix(piece->size);
  }
  return seen;
}

// TLS begins with a record of the handshake (RFC 8446, 5.1). What OpenSSL would take besides is the hello of
// SSL 2, which nobody may send any more (RFC 6176) and which names no host.
bool HelloReader::may_begin_with(char byte) const {
  if (which_ == Which::kFirst) return byte == TlsRecords::kHandshake;
  return byte >= TlsRecords::kChangeCipherSpec && byte <= TlsRecords::kApplicationData;
}

std::optional<SeenHello> HelloReader::add(std::string_view content) {
  constexpr std::size_t kHead = 4;  // a message's kind and length (RFC 8446, 4)
  const SeenHello malformed = std::unexpected(SniFault::kMalformed);
  content_ += content.size();
  start_ += content.substr(0, kHead - start_.size());
  if (!start_.empty() && start_[0] != SSL3_MT_CLIENT_HELLO) return malformed;
  if (start_.size() < kHead) return std::nullopt;
  std::size_t whole = 0;
  for (const char byte : start_.substr(1)) whole = whole * 256 + static_cast<unsigned char>(byte);
  whole += kHead;
  if (content_ < whole) return std::nullopt;
  if (content_ > whole || !records_.at_boundary()) return malformed;
  ERR_clear_error();
  SSL_accept(parts_->ssl.get());
  ERR_clear_error();  // it belongs to no one else on this thread
  return parts_->seen.value_or(malformed);
}

}  // namespace pollux::egress

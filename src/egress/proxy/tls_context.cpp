// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/buffer.hpp>
#include <string_view>
#include <vector>

namespace pollux::egress {
namespace {

namespace asio = boost::asio;
using Context = asio::ssl::context;
using Code = boost::system::error_code;
using Path = std::filesystem::path;

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using Certificate = std::unique_ptr<X509, Free>;
using Bio = std::unique_ptr<BIO, Free>;

std::unexpected<Error> bad(const char* what, const Path& file, const std::string& why) {
  return fail(ErrorKind::kUsage, std::string(what) + " " + file.string() + ": " + why);
}

std::unexpected<Error> unread(const char* what, const Error& error) {
  return fail(ErrorKind::kUsage, std::string(what) + " cannot be read: " + error.message);
}

// An http/1.1 client is told so; one that offers other protocols alone is told nothing and may try. RFC 7301,
// 3.2 would end the connection, but there are clients in use that spell it "http 1.1".
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  static constexpr unsigned char kHttp[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  const int result = SSL_select_next_proto(&found, size, kHttp, sizeof kHttp - 1, offered, offered_size);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

void settle(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // With TLS 1.2 what has forward secrecy and is authenticated; TLS 1.3 has nothing else.
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  // A connection that ends without close_notify is as good as a plain one that ends (see TlsSession).
  SSL_CTX_set_options(context,
                      SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // A flood of messages that carry no bytes (KeyUpdate) gives others their turn after each.
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  // Sessions are resumed by tickets, which the client keeps; without this name none with a client's
  // certificate would be.
  static constexpr unsigned char kName[] = "pollux egress";
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(context, kName, sizeof kName - 1);
  SSL_CTX_set_alpn_select_cb(context, &choose_protocol, nullptr);
}

std::vector<Certificate> certificates_of(const std::string& pem) {
  std::vector<Certificate> out;
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) out.emplace_back(one);
  ERR_clear_error();
  return out;
}

std::string printed(const X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0,
                     XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB & ~XN_FLAG_SPC_EQ);
  BIO_puts(bio.get(), ", until ");
  ASN1_TIME_print_ex(bio.get(), X509_get0_notAfter(certificate), ASN1_DTFLGS_ISO8601);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Result<void> take_pair(Context& context, const TlsFiles& files, const std::string& chain,
                       const std::string& key) {
  Code error;
  context.use_certificate_chain(asio::buffer(chain), error);
  if (error) return bad("certificate", files.certificate, "no certificate in PEM: " + error.message());
  if (X509_cmp_current_time(X509_get0_notAfter(SSL_CTX_get0_certificate(context.native_handle()))) < 0)
    return bad("certificate", files.certificate, "it has expired");
  // Nobody is there to be asked for the password of a key.
  context.set_password_callback([](std::size_t, Context::password_purpose) { return std::string(); }, error);
  context.use_private_key(asio::buffer(key), Context::pem, error);
  const bool another =
      ERR_GET_REASON(static_cast<unsigned long>(error.value())) == X509_R_KEY_VALUES_MISMATCH;
  if (error && !another)
    return bad("key", files.key, "no key in PEM that can be read without a password: " + error.message());
  if (another || SSL_CTX_check_private_key(context.native_handle()) != 1) {
    ERR_clear_error();
    return bad("key", files.key, "it does not belong to the certificate " + files.certificate.string());
  }
  return {};
}

Result<void> take_authorities(Context& context, const TlsFiles& files, const std::string& pem) {
  const std::vector<Certificate> all = certificates_of(pem);
  if (all.empty()) return bad("client CA", files.client_ca, "no certificate in PEM");
  SSL_CTX* native = context.native_handle();
  for (const Certificate& one : all) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(native), one.get());
    SSL_CTX_add_client_CA(native, one.get());
  }
  const int required = files.certificates_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER | required, nullptr);
  return {};
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::load(const TlsFiles& files, const ReadFile& read) {
  ERR_clear_error();
  auto chain = read(files.certificate);
  if (!chain) return unread("certificate", chain.error());
  auto key = read(files.key);
  if (!key) return unread("key", key.error());
  Context context(Context::tls_server);
  settle(context.native_handle());
  if (auto taken = take_pair(context, files, *chain, *key); !taken) return std::unexpected(taken.error());
  if (!files.client_ca.empty()) {
    auto authorities = read(files.client_ca);
    if (!authorities) return unread("client CA", authorities.error());
    if (auto taken = take_authorities(context, files, *authorities); !taken)
      return std::unexpected(taken.error());
  }
  std::shared_ptr<TlsContext> out(new TlsContext(std::move(context)));
  out->text_ = printed(SSL_CTX_get0_certificate(out->native()));
  return out;
}

}  // namespace pollux::egress

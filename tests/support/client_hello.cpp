// SPDX-License-Identifier: Apache-2.0
#include "tests/support/client_hello.hpp"

#include <openssl/bio.h>

#include <memory>
#include <stdexcept>

namespace pollux::test {
namespace {

constexpr std::size_t kRecordHead = 5;
constexpr unsigned kEncryptedClientHello = 0xFE0D;
constexpr unsigned kUnknown = 0x7777;
constexpr unsigned kAsNames =
    0x7778;  // OpenSSL makes no second server_name; its number is changed afterwards

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("a ClientHello for a test: ") + what);
}

int add(SSL*, unsigned, unsigned, const unsigned char** out, std::size_t* size, X509*, std::size_t, int*,
        void* content) {
  const auto& bytes = *static_cast<std::string*>(content);
  *out = reinterpret_cast<const unsigned char*>(bytes.data());
  *size = bytes.size();
  return 1;
}

void extend(SSL_CTX* context, unsigned type, std::string& content) {
  must(SSL_CTX_add_custom_ext(context, type, SSL_EXT_CLIENT_HELLO, add, nullptr, &content, nullptr,
                              nullptr) == 1,
       "an extension");
}

std::string u16(std::size_t number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number & 0xFF)};
}

void rename_to_names(std::string& hello, const std::string& content) {
  const auto at = hello.find(u16(kAsNames) + u16(content.size()) + content);
  must(at != std::string::npos, "no list of names");
  hello.replace(at, 2, 2, '\0');
}

}  // namespace

std::string make_client_hello(const HelloParts& parts) {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  must(context != nullptr, "a context");
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), parts.version);
  SSL_CTX_set_max_proto_version(context.get(), parts.version);
  std::string encrypted = "no meaning";
  std::string padding(parts.padding, 'p');
  std::string names = parts.raw_names.value_or("");
  if (parts.encrypted) extend(context.get(), kEncryptedClientHello, encrypted);
  if (parts.padding > 0) extend(context.get(), kUnknown, padding);
  if (parts.raw_names) extend(context.get(), kAsNames, names);
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
  must(ssl != nullptr, "a client");
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);
  if (!parts.server_name.empty())
    must(SSL_set_tlsext_host_name(ssl.get(), parts.server_name.c_str()) == 1, "a server name");
  SSL_connect(ssl.get());  // sends the hello and wants an answer
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out, &data);
  must(size > 0, "nothing was sent");
  std::string hello(data, static_cast<std::size_t>(size));
  if (parts.raw_names) rename_to_names(hello, names);
  return hello;
}

std::string in_records(std::string_view hello, std::size_t size) {
  std::string message;
  for (std::string_view rest = hello; rest.size() > kRecordHead;) {
    const std::size_t length =
        static_cast<unsigned char>(rest[3]) * 256U + static_cast<unsigned char>(rest[4]);
    message += rest.substr(kRecordHead, length);
    rest.remove_prefix(kRecordHead + length);
  }
  std::string out;
  for (std::size_t at = 0; at < message.size(); at += size) {
    const std::string part = message.substr(at, size);
    out += std::string(hello.substr(0, 3)) + u16(part.size()) + part;
  }
  return out;
}

}  // namespace pollux::test

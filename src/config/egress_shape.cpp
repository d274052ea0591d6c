// SPDX-License-Identifier: Apache-2.0
#include "config/egress_shape.hpp"

#include "base/certificates.hpp"
#include "config/environment_proxy.hpp"
#include "config/text_shapes.hpp"

namespace pollux::config {
namespace {

namespace fs = std::filesystem;

struct ProxyChoice {
  std::optional<Secret> address;
  std::optional<EnvironmentProxy> environment;
};

// An address, nothing, or `env`.
class ProxyChoiceShape final : public Shape<ProxyChoice> {
 public:
  void read(Reader& reader, const Node& node, ProxyChoice& out) const override {
    if (node.is(Node::Kind::kScalar) && node.text == "env") {
      out.environment = environment(reader, node);
    } else {
      written_->read(reader, node, out.address);
    }
  }
  boost::json::object schema() const override {
    return {{"anyOf", boost::json::array{word_index({"env"})->schema(), written_->schema()}}};
  }

 private:
  static EnvironmentProxy environment(Reader& reader, const Node& node) {
    ProxyVariables variables = proxy_variables(reader.environment().variable);
    EnvironmentProxy out{address(reader, node, variables.http), address(reader, node, variables.https),
                         split_exceptions(variables.exceptions)};
    for (const std::string& names : variables.contradictions) {
      reader.warn(node.at, names + " say different things", "one of the two; the first one is taken");
    }
    if (!out.http && !out.https) {
      reader.warn(node.at, "`env`, but no HTTPS_PROXY, HTTP_PROXY or ALL_PROXY is set",
                  "one of them; requests go straight");
    }
    for (const std::string& exception : out.exceptions) {
      if (can_match(exception)) continue;
      reader.warn(node.at, "`" + exception + "` in NO_PROXY can never match",
                  "a host, .domain, address, range such as 10.0.0.0/8, or *");
    }
    return out;
  }

  // Its grammar is that of `proxy`; curl and others take an address without a scheme for http.
  static std::optional<Secret> address(Reader& reader, const Node& node, std::string text) {
    if (text.empty()) return std::nullopt;
    if (text.find("://") == std::string::npos) text = "http://" + text;
    return checked_proxy(reader, node, text);
  }

  ShapePtr<std::optional<Secret>> written_ = proxy_address();
};

// The content of a file that the shape of `what` has named, as text; nullopt after a fault.
std::optional<std::string> content(Reader& reader, const Node& node, const fs::path& file) {
  if (file.empty()) return std::nullopt;
  auto text = reader.environment().read(reader.directory() / file);
  if (text) return std::move(*text);
  reader.fault(node.at, "", "a file that can be read: " + text.error().message);
  return std::nullopt;
}

class CertificatesShape final : public Shape<fs::path> {
 public:
  void read(Reader& reader, const Node& node, fs::path& out) const override {
    path_->read(reader, node, out);
    auto text = content(reader, node, out);
    if (!text) return;
    if (auto count = count_certificates(*text); !count)
      reader.fault(node.at, Reader::show(node), "a file of certificates: " + count.error().message);
  }
  boost::json::object schema() const override { return path_->schema(); }

 private:
  ShapePtr<fs::path> path_ = file_path();
};

struct Tls {
  ClientCertificate certificate;
  TlsVersion at_least = TlsVersion::k12;
};

void check_pair(Reader& reader, const Node& node, Tls& tls) {
  ClientCertificate& pair = tls.certificate;
  if (pair.certificate.empty()) return;
  if (pair.key.empty()) pair.key = pair.certificate;
  const char* where = node.find("key") != nullptr ? "key" : "certificate";
  const Node& key = *node.find(where)->value;
  Reader::Below below(reader, where);
  auto certificate_text = reader.environment().read(reader.directory() / pair.certificate);
  if (!certificate_text || !count_certificates(*certificate_text)) return;  // told already
  auto key_text = content(reader, key, pair.key);
  if (!key_text) return;
  if (auto good = check_key(*certificate_text, *key_text, pair.key_password); !good)
    reader.fault(key.at, Reader::show(key), "the private key of the certificate: " + good.error().message);
}

ShapePtr<Tls> tls_shape() {
  auto shape = std::make_shared<ObjectShape<Tls>>("a map with `certificate`, `key` or `at_least`");
  shape
      ->field<fs::path>(
          "certificate", Need::kOptional,
          "The client certificate, in PEM, with those between it and its CA: for servers that ask for one.",
          std::make_shared<CertificatesShape>(),
          [](Tls& tls, fs::path path) { tls.certificate.certificate = std::move(path); })
      .field("key", Need::kOptional, "Its private key, in PEM; absent: it stands in the certificate's file.",
             file_path(), [](Tls& tls, fs::path path) { tls.certificate.key = std::move(path); })
      .field("key_password", Need::kOptional, "What the key is encrypted with.", secret_text(),
             [](Tls& tls, Secret password) { tls.certificate.key_password = std::move(password); })
      .field("at_least", Need::kOptional,
             "The oldest TLS that is spoken: \"1.2\" or \"1.3\". Default \"1.2\".",
             word<TlsVersion>({{"1.2", TlsVersion::k12}, {"1.3", TlsVersion::k13}}), &Tls::at_least)
      .only_with("key", "certificate")
      .only_with("key_password", "certificate")
      .rule({}, check_pair);
  return shape;
}

template <class T>
void add_way(ObjectShape<T>& shape) {
  shape
      .template field<ProxyChoice>(
          "proxy", Need::kOptional,
          "The proxy that all requests go through: http://, https:// or socks5h://, with user and password; "
          "env: "
          "what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say; absent or empty: none.",
          std::make_shared<ProxyChoiceShape>(),
          [](T& out, ProxyChoice choice) {
            out.proxy = std::move(choice.address);
            out.environment_proxy = std::move(choice.environment);
          })
      .template field<fs::path>("proxy_ca_file", Need::kOptional,
                                "Certificates to trust for an https proxy, in PEM, in place of the system's.",
                                std::make_shared<CertificatesShape>(), &T::proxy_ca_file)
      .template field<fs::path>("ca_file", Need::kOptional,
                                "Certificates to trust, in PEM, in place of the system's.",
                                std::make_shared<CertificatesShape>(), &T::ca_file)
      .only_with("proxy_ca_file", "proxy");
}

}  // namespace

void add_egress(ObjectShape<Upstream>& shape) {
  add_way(shape);
  shape.field<Tls>("tls", Need::kOptional, "The client certificate and the oldest TLS.", tls_shape(),
                   [](Upstream& upstream, Tls tls) {
                     upstream.tls_at_least = tls.at_least;
                     if (!tls.certificate.certificate.empty())
                       upstream.client_certificate = std::move(tls.certificate);
                   });
}

void add_egress(ObjectShape<S3Store>& shape) { add_way(shape); }

}  // namespace pollux::config

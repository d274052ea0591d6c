// SPDX-License-Identifier: Apache-2.0
#include "egress/file/tls_shape.hpp"

#include "config/object_shape.hpp"
#include "config/text_shapes.hpp"

namespace pollux::egress {
namespace {

using config::Need;
using config::Node;
using config::ObjectShape;
using config::Reader;

constexpr const char* kName = "CN=, DNS=, URI= or OU= and what the certificate says there";

class CertificateNameShape final : public config::Shape<std::string> {
 public:
  void read(Reader& reader, const Node& node, std::string& out) const override {
    auto text = reader.text(node, kName);
    if (!text) return;
    for (const char* kind : {"CN=", "DNS=", "URI=", "OU="}) {
      const std::string_view prefix(kind);
      if (!text->starts_with(prefix) || text->size() == prefix.size()) continue;
      out = std::move(*text);
      return;
    }
    reader.fault(node.at, Reader::show(node), kName);
  }
  boost::json::object schema() const override {
    return {{"type", "string"}, {"pattern", "^(CN|DNS|URI|OU)=.|\\$\\{"}};
  }
};

void find_files(Reader& reader, const Node&, TlsFiles& files) {
  for (auto* path : {&files.certificate, &files.key, &files.client_ca}) {
    if (!path->empty()) *path = reader.directory() / *path;
  }
}

}  // namespace

config::ShapePtr<TlsFiles> tls_files() {
  auto shape = std::make_shared<ObjectShape<TlsFiles>>("a map with `certificate` and `key`");
  shape
      ->field("certificate", Need::kRequired,
              "File of the proxy's certificate with its chain, in PEM. Read again when it changes.",
              config::file_path(), &TlsFiles::certificate)
      .field("key", Need::kRequired, "File of its key, in PEM, without a password.", config::file_path(),
             &TlsFiles::key)
      .field("client_ca", Need::kOptional,
             "File of the CAs, in PEM, whose certificates clients show; absent: none is asked for.",
             config::file_path(), &TlsFiles::client_ca)
      .field("client_certificates", Need::kOptional,
             "optional: clients without a certificate are heard too. Default required.",
             config::word<bool>({{"required", true}, {"optional", false}}), &TlsFiles::certificates_required)
      .only_with("client_certificates", "client_ca")
      .rule({}, find_files);
  return shape;
}

config::ShapePtr<std::string> certificate_name() { return std::make_shared<CertificateNameShape>(); }

}  // namespace pollux::egress

// SPDX-License-Identifier: Apache-2.0
#include "egress/file/egress_file.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <iterator>
#include <set>
#include <utility>

#include "config/log_shape.hpp"
#include "config/object_shape.hpp"
#include "config/text_shapes.hpp"
#include "config/yaml_file.hpp"
#include "egress/file/client_shape.hpp"
#include "egress/file/rule_shapes.hpp"
#include "egress/file/tls_shape.hpp"
#include "egress/policy/acl_text.hpp"

namespace pollux::egress {
namespace {

using config::Need;
using config::Node;
using config::ObjectShape;
using config::Reader;
using config::ShapePtr;
using Verb = boost::beast::http::verb;

using ClientDrafts = std::vector<std::pair<std::string, ClientDraft>>;

struct FileDraft {
  config::Listen listen{"127.0.0.1", 3128};
  config::Log log;
  ProxyOptions options;
  std::vector<Verb> methods = ProxyClient().methods;
  std::optional<config::Listen> metrics;
  std::optional<TlsFiles> tls;
  ClientDrafts clients;
};

ShapePtr<std::vector<Verb>> methods_shape() {
  std::vector<std::pair<std::string, Verb>> words;
  for (Verb verb : {Verb::get, Verb::head, Verb::post, Verb::put, Verb::patch, Verb::delete_, Verb::options})
    words.emplace_back(to_string(verb), verb);
  return std::make_shared<config::ListShape<Verb>>("a list of methods", config::word<Verb>(std::move(words)));
}

ShapePtr<FileDraft> file_shape(const PollerFile& poller) {
  auto clients = std::make_shared<config::MapShape<ClientDraft>>(
      "a map of clients by name", config::name_rule(), client_shape(poller), 1);
  auto shape = std::make_shared<ObjectShape<FileDraft>>("a map with at least `clients`");
  auto timeout = [](Millis ProxyOptions::* member) {
    return [member](FileDraft& out, Millis value) { out.options.*member = value; };
  };
  shape
      ->field("listen", Need::kOptional, "Where clients connect. Default 127.0.0.1:3128.",
              config::listen_address(), &FileDraft::listen)
      .field<ClientDrafts>("clients", Need::kRequired, "Who may use the proxy, by name.", clients,
                           [](FileDraft& out, ClientDrafts value) { out.clients = std::move(value); })
      .field("metrics", Need::kOptional,
             "Where /metrics and /healthz are served to Prometheus. Default: nowhere.",
             config::listen_address(), &FileDraft::metrics)
      .field("tls", Need::kOptional, "Clients come by TLS (1.2 at least). Absent: in the clear.", tls_files(),
             &FileDraft::tls)
      .field<std::vector<Cidr>>(
          "proxy_protocol", Need::kOptional,
          "Networks of load balancers that begin each connection with a PROXY header (v1 or v2).", networks(),
          [](FileDraft& out, std::vector<Cidr> value) { out.options.proxy_protocol = std::move(value); })
      .field<Millis>("connect_timeout", Need::kOptional, "Of each address of a target. Default 10s.",
                     config::duration(), timeout(&ProxyOptions::connect_timeout))
      .field<Millis>("idle_timeout", Need::kOptional,
                     "Ends a tunnel in which nothing has moved. Default 10m.", config::duration(),
                     timeout(&ProxyOptions::idle_timeout))
      .field<Millis>("head_timeout", Need::kOptional,
                     "Until the whole head of a request is there. Default 10s.", config::duration(),
                     timeout(&ProxyOptions::head_timeout))
      .field<Millis>("keep_alive", Need::kOptional, "Until a client's next request begins. Default 60s.",
                     config::duration(), timeout(&ProxyOptions::keep_alive))
      .field<Millis>("answer_timeout", Need::kOptional,
                     "Of a plain request: the answer's whole head, each piece of a body. Default 60s.",
                     config::duration(), timeout(&ProxyOptions::answer_timeout))
      .field<std::size_t>("connections", Need::kOptional, "Of all clients together. Default 10000.",
                          config::count(1, 1'000'000),
                          [](FileDraft& out, std::size_t value) { out.options.most_connections = value; })
      .field("methods", Need::kOptional,
             "Of plain http, besides CONNECT, for each client. Default GET and HEAD.", methods_shape(),
             &FileDraft::methods)
      .field("log", Need::kOptional, "What is logged and how.", config::log_shape(), &FileDraft::log);
  return shape;
}

// Of two that show the same nobody could tell which is meant.
void check_clients(Reader& reader, const Node& root, const FileDraft& file) {
  const bool certified = file.tls && !file.tls->client_ca.empty();
  std::set<std::string> users;
  std::set<std::string> certificates;  // of those without a user
  for (const auto& [name, client] : file.clients) {
    const std::string path = "clients." + name;
    if (!client.certificate.empty() && !certified)
      reader.fault_at(path, root.at, "`certificate` without `tls.client_ca`",
                      "the CA that has signed it, there");
    if (!client.user.empty()) {
      if (!users.insert(client.user).second)
        reader.fault_at(path, root.at, "a second client with this `user`", "a user of its own");
    } else if (!certificates.insert(client.certificate).second) {
      reader.fault_at(path, root.at,
                      client.certificate.empty() ? "a second client without `user` and `certificate`"
                                                 : "a second client with this `certificate`",
                      "a user or certificate of its own");
    }
  }
}

config::Fault variable_fault(const std::string& name, std::string expected) {
  return {name, {}, "", "", std::move(expected), "", false};
}

std::vector<Rule> rules_of(const config::Environment& environment, const std::string& name,
                           EgressFaults& faults) {
  AclRules found = parse_acl_value(environment.variable(name).value_or(""), name);
  for (const AclFault& fault : found.faults)
    faults.push_back({fault.place, {}, "", fault.message, "rules with spaces between them", "", false});
  return std::move(found.rules);
}

// Apart from the shape: on a reload it is a reason to keep the certificate of before, and no more.
void check_certificate(Reader& reader, const Node& root, const std::optional<TlsFiles>& files) {
  const auto* written = root.find("tls");
  if (!files || written == nullptr || files->certificate.empty() || files->key.empty()) return;
  auto context = TlsContext::load(*files, reader.environment().read);
  if (!context)
    reader.fault_at("tls", written->value->at, context.error().message,
                    "a certificate, its key and client CAs in PEM");
}

std::optional<TlsFiles> tls_of(const config::Environment& environment, EgressFaults& faults,
                               EgressFaults& certificate_faults) {
  TlsFiles files;
  files.certificate = environment.variable("PROXY_TLS_CERT").value_or("");
  files.key = environment.variable("PROXY_TLS_KEY").value_or("");
  if (files.certificate.empty() && files.key.empty()) return std::nullopt;
  if (files.certificate.empty() || files.key.empty()) {
    faults.push_back(variable_fault("PROXY_TLS_CERT", "PROXY_TLS_CERT and PROXY_TLS_KEY, both or neither"));
  } else if (auto context = TlsContext::load(files, environment.read); !context) {
    certificate_faults.push_back(
        variable_fault("PROXY_TLS_CERT", "a certificate and its key: " + context.error().message));
  }
  return files;
}

}  // namespace

std::expected<LoadedEgress, EgressFaults> load_egress(const std::filesystem::path& path,
                                                      const config::Environment& environment,
                                                      const PollerFile& poller) {
  auto text = config::text_of_file(path, environment);
  if (!text) return std::unexpected(std::move(text.error()));
  Reader reader(environment, path, *text);
  FileDraft draft;
  const auto root =
      config::read_yaml(reader, *text, *file_shape(poller), "a map with at least `clients`", draft);
  if (root) check_clients(reader, *root, draft);
  const bool good = reader.fault_count() == 0;
  if (root) check_certificate(reader, *root, draft.tls);
  auto faults = reader.take_faults();
  if (!good) return std::unexpected(std::move(faults));
  LoadedEgress out;
  out.certificate_faults = std::move(faults);
  out.file.listen = draft.listen;
  out.file.log = draft.log;
  out.file.options = std::move(draft.options);
  out.file.metrics = std::move(draft.metrics);
  out.file.tls = std::move(draft.tls);
  for (auto& [name, client] : draft.clients)
    out.file.clients.push_back(client_of(name, std::move(client), draft.methods));
  out.file.secrets = reader.take_secrets();
  out.warnings = reader.take_warnings();
  return out;
}

std::expected<LoadedEgress, EgressFaults> egress_of(const config::Environment& environment) {
  EgressFaults faults;
  auto value = [&](const std::string& name) { return environment.variable(name).value_or(""); };
  ClientDraft draft;
  draft.allow = rules_of(environment, "PROXY_ALLOW", faults);
  draft.deny = rules_of(environment, "PROXY_DENY", faults);
  // A binding that is missing must not make a proxy for the whole network of it.
  const std::string anybody = value("PROXY_ANYBODY");
  draft.user = value("PROXY_USERNAME");
  draft.password = Secret(value("PROXY_PASSWORD"));
  if (draft.user.empty() != draft.password.empty())
    faults.push_back(variable_fault("PROXY_USERNAME", "PROXY_USERNAME and PROXY_PASSWORD together"));
  if (draft.user.empty() && draft.password.empty() && anybody != "true")
    faults.push_back(variable_fault(
        "PROXY_USERNAME",
        "PROXY_USERNAME and PROXY_PASSWORD; or PROXY_ANYBODY=true where no client has to say who it is"));
  std::string ports = value("PROXY_PORTS");
  std::ranges::replace(ports, ' ', ',');
  auto parsed = PortSet::parse(ports.empty() ? "443" : ports);
  if (!parsed) faults.push_back(variable_fault("PROXY_PORTS", parsed.error().message));
  const std::string port = value("PORT");
  auto listen = parse_port(port.empty() ? "8080" : port);
  if (!listen) faults.push_back(variable_fault("PORT", "a port from 1 to 65535"));
  LoadedEgress out;
  auto tls = tls_of(environment, faults, out.certificate_faults);
  if (!faults.empty()) {
    std::ranges::move(out.certificate_faults, std::back_inserter(faults));
    return std::unexpected(std::move(faults));
  }
  draft.ports = std::move(*parsed);
  out.file.listen = {"0.0.0.0", *listen};
  out.file.tls = std::move(tls);
  if (!draft.password.empty()) out.file.secrets.push_back(draft.password);
  const std::string name = draft.user.empty() ? "anybody" : draft.user;
  out.file.clients.push_back(client_of(name, std::move(draft), ProxyClient().methods));
  return out;
}

std::string egress_schema() { return boost::json::serialize(file_shape({})->schema()); }

}  // namespace pollux::egress

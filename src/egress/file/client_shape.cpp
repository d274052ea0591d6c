// SPDX-License-Identifier: Apache-2.0
#include "egress/file/client_shape.hpp"

#include <algorithm>
#include <utility>

#include "config/object_shape.hpp"
#include "config/text_shapes.hpp"
#include "egress/file/poller_shape.hpp"
#include "egress/file/tls_shape.hpp"

namespace pollux::egress {
namespace {

using config::Need;
using config::Node;
using config::ObjectShape;
using config::Reader;

// Comes after all keys, so that it does not matter where `for` stands.
void take_poller(Reader& reader, const Node& node, ClientDraft& client) {
  const auto* visitor = visitor_of(reader, node, client.poller, client.user, client.password);
  if (visitor == nullptr) return;
  client.user = visitor->user;
  client.password = visitor->password;
  client.allow.insert(client.allow.end(), visitor->allow.begin(), visitor->allow.end());
}

void add(std::vector<Rule>& to, std::vector<RuleFile> files) {
  for (RuleFile& file : files) {
    for (Rule& rule : file.rules) to.push_back(std::move(rule));
  }
}

}  // namespace

config::ShapePtr<ClientDraft> client_shape(const PollerFile& poller) {
  auto shape = std::make_shared<ObjectShape<ClientDraft>>(
      "a map with `allow` or `for`, and `user` and `password` or `certificate`");
  shape
      ->field(
          "user", Need::kOptional,
          "Its name in Proxy-Authorization: Basic; without this and `certificate`: whoever shows nothing.",
          config::any_text(), &ClientDraft::user)
      .field("password", Need::kOptional, "And its password.", config::secret_text(), &ClientDraft::password)
      .field("certificate", Need::kOptional,
             "What its certificate says: CN=, DNS=, URI= or OU=. With `user`, both are needed.",
             certificate_name(), &ClientDraft::certificate)
      .field("allow", Need::kOptional, "What it may reach.", rules(), &ClientDraft::allow)
      .field("deny", Need::kOptional, "What it may not reach, whatever else is allowed.", rules(),
             &ClientDraft::deny)
      .field("allow_files", Need::kOptional, "Files of such rules, a line each.", rule_files(),
             &ClientDraft::allow_files)
      .field("deny_files", Need::kOptional, "The same for `deny`.", rule_files(), &ClientDraft::deny_files)
      .field("for", Need::kOptional,
             "A poller's file: what its upstreams and stores need is allowed besides, and without `user` it "
             "comes as that file says.",
             poller_needs(poller), &ClientDraft::poller)
      .field("ports", Need::kOptional, "The ports of allow rules that name none. Default 80,443.", port_set(),
             &ClientDraft::ports)
      .field("mode", Need::kOptional,
             "report: what only lacks a rule passes, and is logged as would_deny. Default enforce.",
             config::word<Mode>({{"enforce", Mode::kEnforce}, {"report", Mode::kReport}}), &ClientDraft::mode)
      .field(
          "sni", Need::kOptional,
          "match: the TLS in a tunnel must ask for the tunnel's host. strict: and with no encrypted hello, "
          "which browsers imitate. Default any.",
          config::word<SniCheck>(
              {{"any", SniCheck::kAny}, {"match", SniCheck::kMatch}, {"strict", SniCheck::kStrict}}),
          &ClientDraft::sni)
      .field("sni_ports", Need::kOptional, "The ports of those tunnels. Default 443.", port_set(),
             &ClientDraft::sni_ports)
      .field("connections", Need::kOptional, "So many at a time, tunnels among them. Default 1000.",
             config::count(1, 1'000'000), &ClientDraft::connections)
      .field("tunnel_bytes", Need::kOptional,
             "A tunnel that has carried more, both ways together, is cut; a plain answer, too. Default: any.",
             config::byte_count(), &ClientDraft::tunnel_bytes)
      .only_with("user", "password")
      .only_with("password", "user")
      .only_with("sni_ports", "sni")
      .rule({}, take_poller);
  return shape;
}

ProxyClient client_of(std::string name, ClientDraft draft,
                      const std::vector<boost::beast::http::verb>& methods) {
  add(draft.allow, std::move(draft.allow_files));
  add(draft.deny, std::move(draft.deny_files));
  ProxyClient out;
  out.methods = methods;
  for (const auto method : draft.poller.methods) {
    if (std::ranges::find(out.methods, method) == out.methods.end()) out.methods.push_back(method);
  }
  out.policy.name = std::move(name);
  out.policy.allow = RuleSet::allow(std::move(draft.allow), std::move(draft.ports));
  out.policy.deny = RuleSet::deny(std::move(draft.deny));
  out.policy.mode = draft.mode;
  out.policy.sni = draft.sni;
  out.policy.sni_ports = std::move(draft.sni_ports);
  out.user = std::move(draft.user);
  out.password = std::move(draft.password);
  out.certificate = std::move(draft.certificate);
  out.most_connections = draft.connections;
  out.most_bytes = draft.tunnel_bytes.count;
  return out;
}

}  // namespace pollux::egress

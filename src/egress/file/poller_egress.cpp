// SPDX-License-Identifier: Apache-2.0
#include "egress/file/poller_egress.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/encoding.hpp"
#include "base/ip_address.hpp"
#include "base/redactor.hpp"
#include "config/shape.hpp"

namespace pollux::egress {
namespace {

// The user, where that can be a client's name.
std::vector<std::string> client_names(const PollerNeeds& needs) {
  std::vector<std::string> out;
  for (const auto& visitor : needs.visitors) {
    const bool fits = config::name_rule().good(visitor.user);
    std::string name = fits ? visitor.user : "poller";
    for (int n = 2; std::ranges::find(out, name) != out.end(); ++n) name = fmt::format("poller-{}", n);
    out.push_back(std::move(name));
  }
  return out;
}

// JSON's strings are YAML's too (YAML 1.2, 7.3.1); `$${` is how the file writes a plain `${`.
std::string quoted(const std::string& text) {
  std::string out = json_quote(text);
  for (auto at = out.find("${"); at != out.npos; at = out.find("${", at + 3)) out.insert(at, 1, '$');
  return out;
}

std::string place_of(const config::Listen& listen) {
  const bool v6 = listen.host.contains(':');
  return v6 ? fmt::format("'[{}]:{}'", listen.host, listen.port)
            : fmt::format("{}:{}", listen.host, listen.port);
}

std::string rules_yaml(const std::vector<Rule>& rules) {
  std::string out;
  std::size_t widest = 0;
  auto shown = [](const Rule& rule) {
    const std::string text = rule.text();
    return text.starts_with('[') ? "'" + text + "'" : text;
  };
  for (const Rule& rule : rules) widest = std::max(widest, shown(rule).size());
  for (const Rule& rule : rules)
    out += fmt::format("      - {:<{}}  # {}\n", shown(rule), widest, rule.place);
  return out;
}

}  // namespace

config::Listen listen_for(const PollerNeeds& needs) {
  config::Listen out{"127.0.0.1", 3128};
  const auto colon = needs.proxy.rfind(':');
  std::string host = ascii_lower(needs.proxy.substr(0, colon));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  const bool here =
      address && (*address == *IpAddress::parse("127.0.0.1") || *address == *IpAddress::parse("::1"));
  if (!here && host != "localhost") return out;
  if (here) out.host = host;
  if (auto port = parse_port(needs.proxy.substr(colon + 1))) out.port = *port;
  return out;
}

EgressFile egress_for(const PollerNeeds& needs, const config::Listen& listen) {
  EgressFile out;
  out.listen = listen;
  out.secrets = needs.secrets;
  const auto names = client_names(needs);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const PollerNeeds::Visitor& visitor = needs.visitors[i];
    ProxyClient client;
    client.policy.name = names[i];
    client.policy.allow = RuleSet::allow(visitor.allow);
    for (auto method : needs.methods) client.methods.push_back(method);
    client.user = visitor.user;
    client.password = visitor.password;
    out.clients.push_back(std::move(client));
  }
  return out;
}

std::string egress_yaml(const PollerNeeds& needs, const config::Listen& listen) {
  Redactor redactor;
  for (const Secret& secret : needs.secrets) redactor.hide(secret);
  std::string out = fmt::format("# What {} leads to through the proxy {}, and nothing more.\nlisten: {}\n",
                                needs.file.filename().string(), needs.proxy, place_of(listen));
  if (!needs.methods.empty()) {
    out += "methods: [GET, HEAD";
    for (auto method : needs.methods) out += fmt::format(", {}", std::string(to_string(method)));
    out += "]  # of plain http\n";
  }
  out += "clients:\n";
  const auto names = client_names(needs);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const PollerNeeds::Visitor& visitor = needs.visitors[i];
    out += fmt::format("  {}:\n", names[i]);
    if (!visitor.user.empty()) {
      const std::string number = names.size() > 1 ? fmt::format("_{}", i + 1) : "";
      out +=
          fmt::format("    user: {}\n    password: ${{EGRESS_PASSWORD{}}}\n", quoted(visitor.user), number);
    }
    out += "    allow:\n" + rules_yaml(visitor.allow);
  }
  return redactor.redact(out);
}

}  // namespace pollux::egress

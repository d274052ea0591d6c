// SPDX-License-Identifier: Apache-2.0
#include "app/poller_needs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "app/destinations.hpp"
#include "app/proxy_address.hpp"

namespace pollux::app {
namespace {

using Visitor = egress::PollerNeeds::Visitor;

constexpr const char* kProxyToName =
    "`proxy: http://127.0.0.1:3128`, or wherever this proxy is, at what is to be reached through it";

class Derivation {
 public:
  explicit Derivation(const config::File& file) : file_(file) { needs_.file = file.path; }

  void add(const Destination& destination) {
    const auto& proxy = destination.request.way.proxy;
    if (!proxy) return;
    const ProxyAddress address = proxy_address(*proxy);
    if (address.is_socks()) return;
    places_.insert(address.scheme + "://" + address.place);
    Visitor* visitor = visitor_of(address, destination);
    auto rule = rule_of(destination);
    if (visitor == nullptr || !rule) return;
    auto same = std::ranges::find(visitor->allow, rule->text(), &egress::Rule::text);
    if (same == visitor->allow.end()) {
      visitor->allow.push_back(std::move(*rule));
    } else if (!same->place.ends_with(destination.text())) {
      same->place += ", " + destination.text();
    }
    if (destination.request.url.starts_with("http:")) add_methods(destination);
    if (destination.may_redirect_elsewhere) warn(destination);
  }

  std::expected<egress::PollerNeeds, std::vector<config::Fault>> needs() {
    if (places_.empty()) fault("nothing in it goes through an http or https proxy", kProxyToName);
    if (places_.size() > 1) {
      std::string all;
      for (const std::string& place : places_) all += (all.empty() ? "" : " and ") + net::host_of(place);
      fault("it leads through several proxies: " + all, "one, so that it is known which of them this is");
    }
    if (!faults_.empty()) return std::unexpected(std::move(faults_));
    needs_.proxy = net::host_of(*places_.begin());
    needs_.by_tls = places_.begin()->starts_with("https:");
    needs_.secrets = file_.secrets;
    for (Visitor& visitor : needs_.visitors) std::ranges::sort(visitor.allow, {}, &egress::Rule::text);
    std::ranges::sort(needs_.visitors, {}, &Visitor::user);
    return std::move(needs_);
  }

 private:
  void fault(std::string found, std::string expected) {
    faults_.push_back({file_.path, {}, "", std::move(found), std::move(expected), "", false});
  }

  void warn(const Destination& destination) {
    needs_.warnings.push_back({file_.path,
                               {},
                               destination.text(),
                               "`redirects: any` leads to hosts that nobody knows beforehand",
                               "",
                               "the proxy denies them, unless a rule of yours allows them",
                               true});
  }

  Visitor* visitor_of(const ProxyAddress& address, const Destination& destination) {
    if (!address.user.empty() && address.password.empty()) {
      fault(fmt::format("the proxy's user of {} has no password", destination.text()),
            "a user and a password, or neither");
      return nullptr;
    }
    auto found = std::ranges::find(needs_.visitors, address.user, &Visitor::user);
    if (found == needs_.visitors.end())
      return &needs_.visitors.emplace_back(address.user, address.password, std::vector<egress::Rule>());
    if (found->password.reveal() == address.password.reveal()) return &*found;
    fault(
        fmt::format("the proxy's user of {} has another password elsewhere in the file", destination.text()),
        "one password for each user");
    return nullptr;
  }

  std::optional<egress::Rule> rule_of(const Destination& destination) {
    const std::string host = net::host_of(net::origin_of(destination.request.url));
    auto rule = egress::parse_rule(host);
    if (!rule) {
      fault(fmt::format("the host of {} is none that the proxy lets through: {}", destination.text(),
                        rule.error().message),
            "another spelling of it");
      return std::nullopt;
    }
    rule->place = fmt::format("{}: {}", file_.path.filename().string(), destination.text());
    return std::move(*rule);
  }

  void add_methods(const Destination& destination) {
    for (const std::string& method : destination.methods) {
      const auto verb = boost::beast::http::string_to_verb(method);
      const bool known = verb == boost::beast::http::verb::get || verb == boost::beast::http::verb::head ||
                         std::ranges::find(needs_.methods, verb) != needs_.methods.end();
      if (!known) needs_.methods.push_back(verb);
    }
  }

  const config::File& file_;
  egress::PollerNeeds needs_;
  std::set<std::string> places_;
  std::vector<config::Fault> faults_;
};

}  // namespace

std::expected<egress::PollerNeeds, std::vector<config::Fault>> poller_needs(const config::File& file) {
  auto all = destinations(file);
  if (!all) {
    return std::unexpected(
        std::vector<config::Fault>{{file.path, {}, "", all.error().message, "", "", false}});
  }
  Derivation derivation(file);
  for (const Destination& destination : *all) derivation.add(destination);
  return derivation.needs();
}

egress::PollerFile poller_file(config::Environment environment) {
  return [environment = std::move(environment)](const std::filesystem::path& path)
             -> std::expected<egress::PollerNeeds, std::vector<config::Fault>> {
    auto loaded = config::load(path, environment);
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    auto needs = poller_needs(loaded->file);
    if (needs) std::ranges::move(loaded->warnings, std::back_inserter(needs->warnings));
    return needs;
  };
}

}  // namespace pollux::app

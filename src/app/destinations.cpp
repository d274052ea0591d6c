// SPDX-License-Identifier: Apache-2.0
#include "app/destinations.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "poll/fetch/request.hpp"
#include "poll/publish/s3_address.hpp"
#include "poll/publish/s3_store.hpp"

namespace pollux::app {
namespace {

void add_method(Destination& to, const std::string& method) {
  auto at = std::ranges::lower_bound(to.methods, method);
  if (at == to.methods.end() || *at != method) to.methods.insert(at, method);
}

// A token's address may hold a query, which is nobody's business here.
std::string without_query(const std::string& url) { return url.substr(0, url.find('?')); }

std::vector<std::string> token_addresses(const config::Auth& auth) {
  std::vector<std::string> out;
  if (const auto* oauth2 = std::get_if<config::OAuth2Auth>(&auth)) {
    out.push_back(without_query(oauth2->token_url));
  } else if (const auto* google = std::get_if<config::GoogleAuth>(&auth);
             google && google->audience.empty()) {
    for (const auto& account : google->accounts) out.push_back(without_query(account.token_uri));
  }
  return out;
}

// Of the same upstream, so that its way is the same too.
Destination& at_origin(std::vector<Destination>& of_upstream, const config::Upstream& upstream,
                       const std::string& url, Destination::Of of) {
  auto same = [&](const Destination& d) { return net::origin_of(d.request.url) == net::origin_of(url); };
  auto found = std::ranges::find_if(of_upstream, same);
  if (found != of_upstream.end()) return *found;
  return of_upstream.emplace_back(of, upstream.name, std::vector<std::string>(),
                                  fetch::base_request(upstream, url), false);
}

std::vector<Destination> destinations_of(const config::Upstream& upstream, const config::File& file) {
  std::vector<Destination> out;
  Destination& itself = at_origin(out, upstream, upstream.url, Destination::Of::kUpstream);
  // With limits or signatures none is followed.
  itself.may_redirect_elsewhere = upstream.redirects == config::Redirects::kAny && upstream.limits.empty() &&
                                  !std::holds_alternative<config::AwsAuth>(upstream.auth);
  add_method(itself, "GET");
  for (const auto& [name, poll] : file.polls) {
    for (const config::Step& step : poll.steps) {
      if (step.upstream == upstream.name && step.method == config::Method::kPost) add_method(itself, "POST");
    }
  }
  for (const std::string& url : token_addresses(upstream.auth))
    add_method(at_origin(out, upstream, url, Destination::Of::kTokens), "POST");
  return out;
}

}  // namespace

std::string Destination::text() const {
  switch (of) {
    case Of::kUpstream:
      return "upstream " + name;
    case Of::kTokens:
      return "tokens of upstream " + name;
    case Of::kStore:
      return "store " + name;
    case Of::kStoreKeys:
      return "credentials of store " + name;
  }
  return name;
}

Result<std::vector<Destination>> destinations(const config::File& file) {
  std::vector<Destination> out;
  for (const auto& [name, upstream] : file.upstreams) {
    for (Destination& one : destinations_of(upstream, file)) out.push_back(std::move(one));
  }
  for (const auto& [name, store] : file.stores) {
    const auto* s3 = std::get_if<config::S3Store>(&store.kind);
    if (s3 == nullptr) continue;
    auto address = publish::s3_address(*s3);
    if (!address) return std::unexpected(address.error());
    out.push_back({Destination::Of::kStore,
                   name,
                   {"DELETE", "GET", "PUT"},
                   publish::base_request(*s3, address->origin + "/"),
                   false});
    // Metadata is asked straight, on this machine: it is on no proxy's list.
    const auto* identity = std::get_if<config::WebIdentityKeys>(&s3->renewed_keys);
    if (identity == nullptr) continue;
    out.push_back({Destination::Of::kStoreKeys,
                   name,
                   {"POST"},
                   publish::base_request(*s3, identity->sts + "/"),
                   false});
  }
  return out;
}

}  // namespace pollux::app

// SPDX-License-Identifier: Apache-2.0
#include "app/doctor.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <utility>

#include "net/ca_bundle.hpp"

namespace pollux::app {
namespace {

constexpr std::size_t kAtATime = 8;

// Their names alone: a value may hold a password.
std::vector<std::string> proxy_variables_set(const config::Environment& environment) {
  std::vector<std::string> out;
  for (const char* name : {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                           "no_proxy", "NO_PROXY"}) {
    if (!environment.variable(name).value_or("").empty()) out.emplace_back(name);
  }
  return out;
}

// As the runs trust: what cannot be had of the platform's CAs is left out there too.
std::shared_ptr<const net::CaBundle> system_cas(const config::File& file) {
  if (file.system_certificates.empty()) return nullptr;
  auto bundle = net::CaBundle::make(file.system_certificates);
  return bundle ? *bundle : nullptr;
}

}  // namespace

Result<std::vector<Diagnosis>> examine(const config::File& file, const config::Environment& environment,
                                       const Clock& clock) {
  auto all = destinations(file);
  if (!all) return std::unexpected(all.error());
  const auto bundle = system_cas(file);
  const std::string trusted = bundle ? bundle->path() : "";
  const auto variables = proxy_variables_set(environment);
  std::vector<Diagnosis> out(all->size());
  boost::asio::thread_pool pool(std::clamp<std::size_t>(all->size(), 1, kAtATime));
  for (std::size_t i = 0; i < all->size(); ++i) {
    boost::asio::post(pool, [&, i] {
      const Destination& destination = (*all)[i];
      net::HttpRequest request = destination.request;
      // What is asked for need not be known: what stands there may be expensive, or secret.
      if (net::needs_request(request)) request.url = net::origin_of(request.url) + "/";
      const net::Probe seen = net::probe(std::move(request), trusted);
      out[i] = judge(destination, seen, clock.now(), variables, file.path.filename().string());
    });
  }
  pool.join();
  return out;
}

std::size_t count_faults(const std::vector<Diagnosis>& all) {
  std::size_t out = 0;
  for (const Diagnosis& one : all)
    out += static_cast<std::size_t>(std::ranges::count(one.checks, Check::Outcome::kFault, &Check::outcome));
  return out;
}

}  // namespace pollux::app

// SPDX-License-Identifier: Apache-2.0
#include "console/console.hpp"

#include <algorithm>
#include <utility>

#include "console/host_check.hpp"
#include "console/public_objects.hpp"
#include "console/public_path.hpp"
#include "console/status_json.hpp"
#include "console/status_page.hpp"

namespace pollux::console {
namespace {

using net::ServerRequest;
using net::ServerResponse;

constexpr const char* kPolicy =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

ServerResponse page(int status, std::string type, std::string body) {
  return {status,
          {{"Content-Type", std::move(type)},
           {"Content-Security-Policy", kPolicy},
           {"X-Content-Type-Options", "nosniff"},
           {"X-Frame-Options", "DENY"},
           {"Referrer-Policy", "no-referrer"},
           {"Cross-Origin-Resource-Policy", "same-origin"},
           {"Cross-Origin-Opener-Policy", "same-origin"},
           {"Cache-Control", "no-store"}},
          std::move(body),
          {}};
}

ServerResponse text(int status, std::string body) {
  return page(status, "text/plain; charset=utf-8", std::move(body) + "\n");
}

ServerResponse not_allowed(std::string allow) {
  auto response = text(405, "only " + allow);
  response.headers.emplace_back("Allow", std::move(allow));
  return response;
}

bool reads(const ServerRequest& request) { return request.method == "GET" || request.method == "HEAD"; }

}  // namespace

Console::Console(Options options, DataSource source)
    : options_(std::move(options)), source_(std::move(source)) {
  for (const auto& store : options_.stores) store_names_.push_back(store.name);
}

net::Handler Console::handler() {
  return [this](ServerRequest request) { return answer(std::move(request)); };
}

Task<ServerResponse> Console::answer(ServerRequest request) {
  if (request.path == "/public" || request.path.starts_with("/public/")) {
    auto response = co_await object(std::move(request));
    co_return response;
  }
  co_return own_page(request);
}

ServerResponse Console::own_page(const ServerRequest& request) const {
  const std::string& path = request.path;
  bool health = path == "/healthz" || path == "/readyz";
  bool known = health || path == "/" || path == "/status.json" || path == "/console.css";
  // Health checks come from load balancers with names of their own, and tell nothing.
  if (!health && !is_own_host(request.header("host"), options_.listen_host)) {
    return text(421, "this server does not go by that name");
  }
  if (!known) return text(404, "no such page");
  if (!reads(request)) return not_allowed("GET, HEAD");
  if (path == "/healthz") return text(200, "ok");
  if (path == "/console.css") return page(200, "text/css; charset=utf-8", std::string(status_style()));
  StatusView status = source_.status();
  if (path == "/readyz") {
    if (status.draining) return text(503, "draining");
    return status.ready ? text(200, "ready") : text(503, "starting");
  }
  if (path == "/status.json") return page(200, "application/json", status_json(status));
  return page(200, "text/html; charset=utf-8", status_page(status));
}

Task<ServerResponse> Console::object(ServerRequest request) {
  auto place = public_path(request.path, store_names_);
  if (!place) co_return text(404, "no such object");
  auto store = std::find_if(options_.stores.begin(), options_.stores.end(),
                            [&](const PublicStore& candidate) { return candidate.name == place->store; });
  if (request.method == "OPTIONS") co_return preflight(*store, request);
  if (!reads(request)) co_return not_allowed("GET, HEAD, OPTIONS");
  auto found = co_await source_.read(place->store, place->object);
  // Why a store cannot be read is for the operator, not for the public.
  if (!found) co_return text(503, "the object cannot be read at the moment");
  co_return object_answer(*store, request, std::move(*found));
}

}  // namespace pollux::console

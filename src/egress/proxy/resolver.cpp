// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/resolver.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include "net/deadline.hpp"
#include "net/on_pool.hpp"

namespace pollux::egress {
namespace {

using Addresses = std::vector<IpAddress>;

std::optional<IpAddress> address_of(const addrinfo& info) {
  if (info.ai_family == AF_INET) {
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in*>(info.ai_addr)->sin_addr, bytes.size());
    return IpAddress::v4(bytes);
  }
  if (info.ai_family == AF_INET6) {
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(info.ai_addr)->sin6_addr, bytes.size());
    return IpAddress::v6(bytes);
  }
  return std::nullopt;
}

// resolver(3): each thread has its own _res.
void forget_search_list() {
  thread_local const bool done = [] {
    if (res_init() == 0) _res.options &= ~static_cast<unsigned long>(RES_DNSRCH | RES_DEFNAMES);
    return true;
  }();
  static_cast<void>(done);
}

Result<Addresses> look_up(const std::string& name) {
  forget_search_list();
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (code != 0)
    return fail(ErrorKind::kNetwork, name + " cannot be resolved: " + ::gai_strerror(code), Retry::later());
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  Addresses out;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    auto address = address_of(*one);
    if (address && std::ranges::find(out, *address) == out.end()) out.push_back(*address);
  }
  return out;
}

}  // namespace

Resolver::~Resolver() { threads_.join(); }

Task<Result<Addresses>> Resolver::resolve(std::string name, Millis limit) {
  auto work = [name] { return look_up(name); };
  co_return co_await net::with_deadline(net::on_pool(threads_, std::move(work)), limit, "resolving " + name);
}

}  // namespace pollux::egress

#pragma once
// SPDX-License-Identifier: Apache-2.0
// Names to addresses by the system's resolver (/etc/hosts, DNS), which blocks: on threads of its own, so that
// a name server that is silent holds up nobody else. A name is looked up as it stands: no search list, which
// would make another name of it that nobody has judged. Owned by the proxy; io thread.

#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "net/task.hpp"

namespace pollux::egress {

class Resolver {
 public:
  explicit Resolver(std::size_t threads = 16) : threads_(threads) {}
  ~Resolver();

  /// All its addresses, each once, in the system's order (RFC 6724). kNetwork: there is no such name, or
  /// nobody could be asked; kTimeout.
  Task<Result<std::vector<IpAddress>>> resolve(std::string name, Millis limit);

 private:
  asio::thread_pool threads_;
};

}  // namespace pollux::egress

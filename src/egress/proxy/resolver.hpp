#pragma once
// SPDX-License-Identifier: Apache-2.0
// Names to addresses, by the hosts file and DNS (why not getaddrinfo: docs/decisions/0014). A name is looked
// up as it stands: no search list, which would make another name of it that nobody has judged. Nothing is
// remembered: who asks again, asks the name server again. Owned by the proxy; may end before those who wait,
// whose look-ups it cancels. io thread.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "egress/proxy/ares_lookup.hpp"
#include "net/task.hpp"

namespace pollux::egress {

class Resolver {
 public:
  /// Look-ups that one client may have under way; the next is refused. A poller that starts all its polls at
  /// once has fewer names than that, and each costs a socket for every name server: with this many, dozens of
  /// clients whose names are all slow stay far below the bound on open files.
  static constexpr std::size_t kMostOfOneClient = 64;

  explicit Resolver(NameServers servers = {});
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// All its addresses, at least one, each once, in the order of RFC 6724. Canceled or late, it lets go at
  /// once. Who asks for a name that is being looked up waits along, whoever began. kNetwork: there is no such
  /// name, or nobody could tell; kTimeout; kBusy: the client has too many look-ups under way; kCanceled.
  Task<Result<std::vector<IpAddress>>> resolve(std::string client, std::string name, Millis limit);

 private:
  struct State;
  class Question;
  std::shared_ptr<State> state_;
};

}  // namespace pollux::egress

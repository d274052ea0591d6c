#pragma once
// SPDX-License-Identifier: Apache-2.0
// One name to its addresses by c-ares: the hosts file first, then DNS, A and AAAA side by side, nothing that
// blocks. Each look-up has a c-ares channel of its own (some 30 us): it can be let go of alone and at once,
// it asks from a port of its own (RFC 5452, 9.2), and it reads resolv.conf as it is now. Private to this
// folder; io thread.

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "net/task.hpp"

namespace pollux::egress {

struct NameServers {
  std::string file = "/etc/resolv.conf";  // whom to ask; without the file 127.0.0.1 (resolv.conf(5))
  std::uint16_t port = 53;                // of each
  /// For an answer, then the next is asked; the second round has twice as long. Two servers so have their two
  /// rounds in 9 s, and what one of A and AAAA has found by then is used when the other is never answered.
  Millis first_wait = Millis(1500);
};

class AresLookup {
 public:
  /// Each address once, in the order of RFC 6724; never none of them.
  using Outcome = Result<std::vector<IpAddress>>;

  /// Begins. `done` is called once, perhaps from in here, and never after the destructor has begun, which may
  /// come at any time but not from within `done`. kNetwork: no such name, or nobody could tell; kTimeout.
  AresLookup(asio::any_io_executor executor, const NameServers& servers, std::string name,
             std::function<void(Outcome)> done);
  ~AresLookup();
  AresLookup(const AresLookup&) = delete;
  AresLookup& operator=(const AresLookup&) = delete;

  /// Whom it asks, for messages: "10.0.0.53, 10.0.0.54"; empty as long as nobody was asked.
  std::string asked() const;

 private:
  class Channel;
  std::shared_ptr<Channel> channel_;
};

}  // namespace pollux::egress

#pragma once
// SPDX-License-Identifier: Apache-2.0
// What a connection is counted by, for as long as it lives. Private to this folder; io thread.

#include <functional>
#include <list>

#include "egress/proxy/client_stream.hpp"
#include "egress/proxy/connection.hpp"

namespace pollux::egress {

/// One of the requests and tunnels that a client has under way.
class Place {
 public:
  Place(ProxyCore& core, const ProxyClient& client) : count_(core.open[client.policy.name]) {
    free_ = count_ < client.most_connections;
    if (free_) ++count_;
  }
  ~Place() {
    if (free_) --count_;
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  bool is_free() const { return free_; }

 private:
  std::size_t& count_;
  bool free_;
};

/// One of the connections that wait for a request.
class Idle {
 public:
  Idle(ProxyCore& core, ClientStream& stream)
      : list_(core.idle), at_(list_.insert(list_.end(), [&stream] { stream.close(); })) {}
  ~Idle() { list_.erase(at_); }
  Idle(const Idle&) = delete;
  Idle& operator=(const Idle&) = delete;

 private:
  std::list<std::function<void()>>& list_;
  std::list<std::function<void()>>::iterator at_;
};

}  // namespace pollux::egress

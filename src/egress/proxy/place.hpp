#pragma once
// SPDX-License-Identifier: Apache-2.0
// What a connection is counted by, for as long as it lives. Private to this folder; io thread.

#include <chrono>
#include <list>
#include <optional>
#include <string>
#include <utility>

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

/// A connection's place among those that have no request under way, which make room for who comes: whether
/// they are before TLS, in a head or between two requests, nothing is lost but somebody's waiting. It waits
/// from its construction on.
class Waiting {
 public:
  Waiting(ProxyCore& core, ClientStream& stream) : core_(core), stream_(stream) { begin(); }
  ~Waiting() {
    end();
    core_.room_wanted = false;  // there is room now
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  /// As the youngest of all; not if it waits already: who is refused has not become younger by that.
  void begin() {
    if (at_) return;
    at_ = core_.waiting.insert(core_.waiting.end(), &stream_);
    if (std::exchange(core_.room_wanted, false)) stream_.close();
  }
  /// A request was taken.
  void end() {
    if (at_) core_.waiting.erase(*at_);
    at_.reset();
  }

 private:
  ProxyCore& core_;
  ClientStream& stream_;
  std::optional<std::list<ClientStream*>::iterator> at_;
};

/// A tunnel that stands: counted as long as it does, and said when it ends, whatever has ended it.
class Standing {
 public:
  Standing(AccessLog& log, const std::string& client, const std::string& target)
      : log_(log), client_(client), target_(target) {
    log_.tunnel_began(client_);
  }
  ~Standing() {
    const auto took = std::chrono::steady_clock::now() - begun_;
    log_.tunnel_ended(client_, target_, relayed, std::chrono::duration_cast<Millis>(took));
  }
  Standing(const Standing&) = delete;
  Standing& operator=(const Standing&) = delete;

  Relayed relayed{Relayed::End::kReset};  // so of one that is canceled

 private:
  AccessLog& log_;
  const std::string& client_;
  const std::string& target_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace pollux::egress

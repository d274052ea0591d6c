// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/ares_lookup.hpp"

#include <ares.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

namespace pollux::egress {
namespace {

std::optional<IpAddress> address_of(const ares_addrinfo_node& node) {
  if (node.ai_family == AF_INET) {
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in*>(node.ai_addr)->sin_addr, bytes.size());
    return IpAddress::v4(bytes);
  }
  if (node.ai_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(node.ai_addr);
    // Without its scope (fe80::1%eth0) it would be another address.
    if (v6->sin6_scope_id != 0) return std::nullopt;
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &v6->sin6_addr, bytes.size());
    return IpAddress::v6(bytes);
  }
  return std::nullopt;
}

std::vector<IpAddress> addresses_of(const ares_addrinfo& found) {
  std::vector<IpAddress> out;
  for (const auto* node = found.nodes; node != nullptr; node = node->ai_next) {
    auto address = address_of(*node);
    if (address && std::ranges::find(out, *address) == out.end()) out.push_back(*address);
  }
  return out;
}

std::string text_of(const ares_addr_port_node& server) {
  std::array<std::uint8_t, 4> v4{};
  std::array<std::uint8_t, 16> v6{};
  const bool is_v4 = server.family == AF_INET;
  if (is_v4) std::memcpy(v4.data(), &server.addr.addr4, v4.size());
  if (!is_v4) std::memcpy(v6.data(), &server.addr.addr6, v6.size());
  return (is_v4 ? IpAddress::v4(v4) : IpAddress::v6(v6)).text();
}

// "10.0.0.53, 10.0.0.54"
std::string servers_of(ares_channel channel, std::uint16_t port) {
  ares_addr_port_node* all = nullptr;
  if (ares_get_servers_ports(channel, &all) != ARES_SUCCESS) return {};
  std::string out;
  for (const auto* server = all; server != nullptr; server = server->next) {
    out += (out.empty() ? "" : ", ") + text_of(*server);
    if (port != 53) out += " port " + std::to_string(port);
  }
  ares_free_data(all);
  return out;
}

// What came back, in words.
std::string reason(int status) {
  switch (status) {
    case ARES_SUCCESS:
    case ARES_ENODATA:
      return "the name has no addresses";
    case ARES_ENOTFOUND:
      return "no such name (NXDOMAIN)";
    case ARES_ETIMEOUT:
      return "no answer";
    // c-ares 1.18 gives this for SERVFAIL and REFUSED of every server, too.
    case ARES_ECONNREFUSED:
      return "no name server answered it: each failed (SERVFAIL), refused or was not there";
    default:
      return ares_strerror(status);
  }
}

}  // namespace

// What c-ares and Asio point at. Handlers of Asio hold it weakly: it ends with the look-up.
class AresLookup::Channel : public std::enable_shared_from_this<Channel> {
 public:
  Channel(asio::any_io_executor executor, std::string name, std::function<void(Outcome)> done)
      : executor_(std::move(executor)), timer_(executor_), name_(std::move(name)), done_(std::move(done)) {}
  ~Channel() {
    forget();
    if (channel_ != nullptr) ares_destroy(channel_);
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  void begin(const NameServers& servers);
  void forget() { done_ = nullptr; }
  std::string asked() const { return asked_ ? servers_ : std::string(); }

 private:
  // One of c-ares's sockets. It opens and closes them itself; the descriptor only watches.
  struct Socket {
    asio::posix::stream_descriptor descriptor;
    bool for_reading = false;  // what c-ares waits for
    bool for_writing = false;
    bool awaits_reading = false;  // what Asio has been asked for
    bool awaits_writing = false;
  };

  static void socket_changed(void* self, int fd, int readable, int writable) noexcept;
  static void found(void* self, int status, int timeouts, ares_addrinfo* result) noexcept;

  void watch(int fd, const std::shared_ptr<Socket>& socket);
  void process(int readable, int writable);
  void arm();
  Outcome outcome(int status, const ares_addrinfo* result) const;
  void end(Outcome outcome) {
    if (auto done = std::exchange(done_, nullptr)) done(std::move(outcome));
  }

  asio::any_io_executor executor_;
  asio::steady_timer timer_;
  std::string name_;
  std::function<void(Outcome)> done_;  // empty once called
  std::map<int, std::shared_ptr<Socket>> sockets_;
  std::string servers_;
  bool asked_ = false;
  ares_channel channel_ = nullptr;
};

void AresLookup::Channel::begin(const NameServers& servers) {
  // Once in the process, before anything else of c-ares (ares_library_init(3)).
  static const int ready = ares_library_init(ARES_LIB_INIT_ALL);
  std::string file = servers.file;
  std::string order = "fb";  // the hosts file, then DNS
  ares_options options{};
  // No search list: it would make another name of it, which nobody has judged. 1.18 leaves the flag alone in
  // ares_getaddrinfo; that there are no domains is what counts. Nor HOSTALIASES, which does the same.
  options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  options.domains = nullptr;
  options.ndomains = 0;
  options.timeout = static_cast<int>(servers.first_wait.count());
  options.tries = 2;
  options.lookups = order.data();
  options.resolvconf_path = file.data();
  options.udp_port = options.tcp_port = servers.port;
  options.sock_state_cb = &Channel::socket_changed;
  options.sock_state_cb_data = this;
  const int mask = ARES_OPT_FLAGS | ARES_OPT_DOMAINS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                   ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF | ARES_OPT_UDP_PORT | ARES_OPT_TCP_PORT |
                   ARES_OPT_SOCK_STATE_CB;
  const int status = ready != ARES_SUCCESS ? ready : ares_init_options(&channel_, &options, mask);
  if (status != ARES_SUCCESS) {
    channel_ = nullptr;
    return end(outcome(status, nullptr));
  }
  servers_ = servers_of(channel_, servers.port);
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ares_getaddrinfo(channel_, name_.c_str(), nullptr, &hints, &Channel::found, this);
  arm();
}

void AresLookup::Channel::socket_changed(void* self, int fd, int readable, int writable) noexcept {
  auto& channel = *static_cast<Channel*>(self);
  auto place = channel.sockets_.find(fd);
  if (readable == 0 && writable == 0) {  // c-ares is about to close it
    if (place == channel.sockets_.end()) return;
    Socket& socket = *place->second;
    socket.for_reading = socket.for_writing = false;
    if (socket.descriptor.is_open()) socket.descriptor.release();
    channel.sockets_.erase(place);
    return;
  }
  channel.asked_ = true;
  if (place == channel.sockets_.end()) {
    auto socket = std::make_shared<Socket>(Socket{asio::posix::stream_descriptor(channel.executor_)});
    boost::system::error_code error;
    socket->descriptor.assign(fd, error);
    if (error) return;  // not watched: it ends by its timeout
    place = channel.sockets_.emplace(fd, std::move(socket)).first;
  }
  place->second->for_reading = readable != 0;
  place->second->for_writing = writable != 0;
  channel.watch(fd, place->second);
}

void AresLookup::Channel::watch(int fd, const std::shared_ptr<Socket>& socket) {
  using Descriptor = asio::posix::stream_descriptor;
  if (socket->for_reading && !socket->awaits_reading) {
    socket->awaits_reading = true;
    auto ready = [weak = weak_from_this(), socket, fd](const boost::system::error_code& error) {
      socket->awaits_reading = false;
      const auto self = weak.lock();
      if (error || !self || !socket->for_reading) return;
      self->process(fd, ARES_SOCKET_BAD);
      self->watch(fd, socket);
    };
    socket->descriptor.async_wait(Descriptor::wait_read, std::move(ready));
  }
  if (socket->for_writing && !socket->awaits_writing) {
    socket->awaits_writing = true;
    auto ready = [weak = weak_from_this(), socket, fd](const boost::system::error_code& error) {
      socket->awaits_writing = false;
      const auto self = weak.lock();
      if (error || !self || !socket->for_writing) return;
      self->process(ARES_SOCKET_BAD, fd);
      self->watch(fd, socket);
    };
    socket->descriptor.async_wait(Descriptor::wait_write, std::move(ready));
  }
}

void AresLookup::Channel::process(int readable, int writable) {
  ares_process_fd(channel_, readable, writable);
  arm();
}

// c-ares counts whole milliseconds, rounded down; a moment too early it would do nothing.
void AresLookup::Channel::arm() {
  timeval room{};
  const timeval* next = ares_timeout(channel_, nullptr, &room);
  if (next == nullptr) {
    timer_.cancel();
    return;
  }
  timer_.expires_after(std::chrono::seconds(next->tv_sec) + std::chrono::microseconds(next->tv_usec) +
                       Millis(1));
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!error && self) self->process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  });
}

void AresLookup::Channel::found(void* self, int status, int, ares_addrinfo* result) noexcept {
  const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owner(result, &ares_freeaddrinfo);
  auto& channel = *static_cast<Channel*>(self);
  if (channel.done_) channel.end(channel.outcome(status, result));
}

AresLookup::Outcome AresLookup::Channel::outcome(int status, const ares_addrinfo* result) const {
  if (status == ARES_SUCCESS && result != nullptr) {
    auto addresses = addresses_of(*result);
    if (!addresses.empty()) return addresses;
  }
  std::string message = name_ + " cannot be resolved: " + reason(status);
  if (asked_) message += ", asked " + servers_;
  return fail(status == ARES_ETIMEOUT ? ErrorKind::kTimeout : ErrorKind::kNetwork, std::move(message),
              Retry::later());
}

AresLookup::AresLookup(asio::any_io_executor executor, const NameServers& servers, std::string name,
                       std::function<void(Outcome)> done)
    : channel_(std::make_shared<Channel>(std::move(executor), std::move(name), std::move(done))) {
  channel_->begin(servers);
}

AresLookup::~AresLookup() { channel_->forget(); }

std::string AresLookup::asked() const { return channel_->asked(); }

}  // namespace pollux::egress

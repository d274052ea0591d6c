// SPDX-License-Identifier: Apache-2.0
#include "tests/support/namespace.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace pollux::test {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

void must(const std::vector<std::string>& argv) {
  auto done = run_program({argv, {}, {}});
  if (done.exit == 0) return;
  std::string words;
  for (const auto& word : argv) words += word + " ";
  throw std::runtime_error(words + "failed: " + done.err);
}

// A socket belongs to the namespace of the thread that makes it, wherever it is used.
int packet_socket_in(pid_t pid) {
  int out = -1;
  std::thread([&] {
    const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
    const int there = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (there >= 0 && setns(there, CLONE_NEWNET) == 0)
      out = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
    if (there >= 0) close(there);
  }).join();
  if (out < 0) throw std::runtime_error("no packet socket in a namespace");
  return out;
}

std::string dotted(const unsigned char* address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, address, text.data(), text.size());
  return text.data();
}

unsigned port_at(const unsigned char* bytes) { return static_cast<unsigned>(bytes[0]) << 8U | bytes[1]; }

}  // namespace

Namespace::Namespace(const Files& files) {
  dir_.write("hosts", files.hosts);
  dir_.write("resolv.conf", files.resolv_conf);
  const std::string script =
      "mount --bind hosts /etc/hosts && mount --bind resolv.conf /etc/resolv.conf && ip link set lo up && "
      "echo ready && exec sleep 3600";
  holder_ =
      std::make_unique<Process>(Process::Options{{"unshare", "-nm", "sh", "-c", script}, {}, dir_.path()});
  if (!holder_->wait_for_output("ready\n")) throw std::runtime_error("no namespace: " + holder_->err());
}

Process::Options Namespace::in(Process::Options options) const {
  const std::string folder = options.directory.empty() ? "/" : options.directory.string();
  std::vector<std::string> argv{"nsenter",          "-F", "-n", "-m", "-t", std::to_string(pid()),
                                "--wdns=" + folder, "--"};
  argv.insert(argv.end(), options.argv.begin(), options.argv.end());
  options.argv = std::move(argv);
  return options;
}

void Namespace::ip(const std::string& args) const {
  auto argv = words_of("ip " + args);
  must(in({std::move(argv), {}, {}}).argv);
}

void join(const Namespace& first, const std::string& one, const std::string& one_address,
          const Namespace& second, const std::string& other, const std::string& other_address) {
  auto pid = [](const Namespace& where) { return std::to_string(where.pid()); };
  must(words_of("ip link add " + one + " netns " + pid(first) + " type veth peer name " + other + " netns " +
                pid(second)));
  for (const auto& [where, name, address] :
       {std::tuple(&first, one, one_address), std::tuple(&second, other, other_address)}) {
    // Without an address of its own making IPv6 is silent, and all that is seen is the test's.
    where->ip("link set " + name + " addrgenmode none");
    where->ip("address add " + address + " dev " + name);
    where->ip("link set " + name + " up");
  }
}

PacketWatch::PacketWatch(const Namespace& where, const std::string& address, std::uint16_t port)
    : address_(address), port_(port), socket_(packet_socket_in(where.pid())) {
  thread_ = std::thread([this] {
    while (!ends_) {
      pollfd ready{socket_, POLLIN, 0};
      if (poll(&ready, 1, 20) > 0) drain();
    }
  });
}

PacketWatch::~PacketWatch() {
  ends_ = true;
  thread_.join();
  close(socket_);
}

std::size_t PacketWatch::expected() const {
  drain();
  std::lock_guard lock(mutex_);
  return expected_;
}

std::vector<std::string> PacketWatch::strays() const {
  drain();
  std::lock_guard lock(mutex_);
  return strays_;
}

std::size_t PacketWatch::missed() const {
  std::lock_guard lock(mutex_);
  tpacket_stats stats{};
  socklen_t size = sizeof stats;
  if (getsockopt(socket_, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0) missed_ += stats.tp_drops;
  return missed_;
}

void PacketWatch::drain() const {
  std::lock_guard lock(mutex_);
  for (;;) {
    std::array<unsigned char, 128> packet{};
    sockaddr_ll from{};
    socklen_t length = sizeof from;
    const auto size =
        recvfrom(socket_, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
    if (size < 0) return;
    if (from.sll_pkttype != PACKET_OUTGOING || from.sll_hatype == ARPHRD_LOOPBACK) continue;
    look(packet.data(), static_cast<std::size_t>(size), ntohs(from.sll_protocol));
  }
}

void PacketWatch::look(const unsigned char* packet, std::size_t size, int protocol) const {
  std::string stray;
  if (protocol == ETH_P_ARP && size >= 28) {
    const std::string target = dotted(packet + 24);  // RFC 826: who is asked for, or answered
    if (target != address_) stray = "ARP for " + target;
  } else if (protocol == ETH_P_IP && size >= sizeof(iphdr)) {
    const std::size_t head = (packet[0] & 0x0FU) * 4U;
    const std::string to = dotted(packet + 16);
    const unsigned port = size >= head + 4 ? port_at(packet + head + 2) : 0;
    if (packet[9] != IPPROTO_TCP || to != address_ || port != port_)
      stray = (packet[9] == IPPROTO_UDP   ? "UDP"
               : packet[9] == IPPROTO_TCP ? "TCP"
                                          : "IP") +
              (" to " + to) + ":" + std::to_string(port);
  } else {
    stray = "ethertype " + std::to_string(protocol);
  }
  if (stray.empty()) {
    ++expected_;
  } else {
    strays_.push_back(stray);
  }
}

}  // namespace pollux::test

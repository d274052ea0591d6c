#pragma once
// SPDX-License-Identifier: Apache-2.0
// Networks of a test's own, out of Linux's namespaces: nothing of them has a name on this machine, nothing of
// this machine's is touched, and they are gone when the processes in them are. Blocking; one thread.

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/process.hpp"

namespace pollux::test {

/// A network namespace with an /etc/hosts and an /etc/resolv.conf of its own, held by a process. Its loopback
/// is up, and there is no other interface. Made from within another one of the test's.
class Namespace {
 public:
  struct Files {
    std::string hosts = "127.0.0.1 localhost\n";
    std::string resolv_conf;
  };
  /// Throws with the system's words where it cannot be made.
  explicit Namespace(const Files& files);

  pid_t pid() const { return holder_->pid(); }
  /// The same program in here, begun in its folder.
  Process::Options in(Process::Options options) const;
  /// Runs `ip ARGS` in here. Throws with its words when it fails.
  void ip(const std::string& args) const;

 private:
  TempDir dir_;
  std::unique_ptr<Process> holder_;
};

/// Joins two: interface `one` with `one_address` ("10.0.0.1/30") in the first, `other` in the second.
void join(const Namespace& first, const std::string& one, const std::string& one_address,
          const Namespace& second, const std::string& other, const std::string& other_address);

/// Looks at every packet that leaves a namespace (not at its loopback) from its making on.
class PacketWatch {
 public:
  /// What may leave: TCP to `address`:`port`, and asking for that address (ARP).
  PacketWatch(const Namespace& where, const std::string& address, std::uint16_t port);
  ~PacketWatch();
  PacketWatch(const PacketWatch&) = delete;
  PacketWatch& operator=(const PacketWatch&) = delete;

  std::size_t expected() const;
  /// Each other packet: "UDP to 10.0.0.1:53". What has left before the call is in it.
  std::vector<std::string> strays() const;
  /// How many came too fast to be looked at.
  std::size_t missed() const;

 private:
  void drain() const;
  void look(const unsigned char* packet, std::size_t size, int protocol) const;

  std::string address_;
  std::uint16_t port_;
  int socket_ = -1;
  std::atomic<bool> ends_ = false;
  mutable std::mutex mutex_;
  mutable std::size_t expected_ = 0;
  mutable std::size_t missed_ = 0;
  mutable std::vector<std::string> strays_;
  std::thread thread_;  // the socket's buffer is small
};

}  // namespace pollux::test

#pragma once
// SPDX-License-Identifier: Apache-2.0
// The daemon's own HTTP server: gives the console what the board and the directory stores hold. Owned by the
// daemon; io thread.

#include <functional>
#include <string>

#include "app/runtime.hpp"
#include "console/console.hpp"
#include "net/http_server.hpp"

namespace pollux::app {

enum class Phase { kStarting, kReady, kDraining };

class ConsoleServer {
 public:
  ConsoleServer(Runtime& runtime, std::function<Phase()> phase);

  /// Listens where the file says. The address to open: "http://127.0.0.1:8080/".
  Result<std::string> bind();
  Task<> serve() { return server_.serve(); }
  void stop() { server_.stop(); }

 private:
  console::StatusView status() const;
  console::PollView view_of(const std::string& name, const PollState& state) const;
  std::string link_to(const config::Publication& publication) const;
  Task<Result<std::optional<console::StoredObject>>> read(std::string store, std::string path);

  Runtime& runtime_;
  std::function<Phase()> phase_;
  Time started_at_;
  std::size_t directories_;  // how many directory stores /public/ serves
  console::Console console_;
  net::HttpServer server_;
};

}  // namespace pollux::app

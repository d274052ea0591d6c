// SPDX-License-Identifier: Apache-2.0
#include "app/egress_daemon.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <exception>
#include <map>
#include <utility>

#include "app/daemon.hpp"
#include "app/runtime.hpp"
#include "egress/proxy/forward_proxy.hpp"
#include "net/task_group.hpp"

namespace pollux::app {
namespace {

using namespace asio::experimental::awaitable_operators;

// How often the files are looked at: a list that is mended by hand takes effect before one has looked twice.
constexpr Millis kLook = std::chrono::seconds(2);

std::shared_ptr<const egress::Clients> clients_of(egress::EgressFile& file) {
  return std::make_shared<const egress::Clients>(std::move(file.clients));
}

// A tunnel has two sockets; of pipes and all else there are few.
constexpr std::size_t kFilesOfTunnel = 2;
constexpr std::size_t kOtherFiles = 400;

class EgressDaemon {
 public:
  explicit EgressDaemon(EgressOptions options)
      : options_(std::move(options)),
        logger_(make_logger(options_.file.log, options_.level, redactor_)),
        proxy_(io_, options_.file.options, clients_of(options_.file), logger_),
        tasks_(io_.get_executor(), 8, [this](const std::string& what) { logger_.error("bug", what); }),
        signals_(io_, SIGTERM, SIGINT) {
    hide(options_.file);
  }

  Result<int> run() {
    const config::Listen& listen = options_.file.listen;
    auto port = proxy_.bind(listen.host, listen.port);
    if (!port) return std::unexpected(port.error());
    const std::string place = fmt::format("{}:{}", listen.host, *port);
    logger_.info("start", fmt::format("pollux {}: egress proxy at {}", POLLUX_VERSION, place),
                 {{"egress", place}});
    raise_file_limit();
    std::exception_ptr thrown;
    asio::co_spawn(io_, main(), [&](std::exception_ptr e) {
      thrown = e;
      io_.stop();
    });
    io_.run();
    if (thrown) std::rethrow_exception(thrown);
    return 0;
  }

 private:
  void hide(const egress::EgressFile& file) {
    for (const Secret& secret : file.secrets) redactor_.hide(secret);
  }

  // The soft limit is low for the sake of programs that use select(2), which this one does not.
  void raise_file_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    const std::size_t connections = options_.file.options.most_connections;
    const std::size_t needed = connections * kFilesOfTunnel + kOtherFiles;
    if (limit.rlim_max >= needed) return;
    logger_.warning("file_limit",
                    fmt::format("{} connections need {} open files and {} are allowed: raise the hard limit "
                                "(ulimit -Hn, LimitNOFILE=) or lower `connections`",
                                connections, needed, limit.rlim_max),
                    {{"allowed", static_cast<std::int64_t>(limit.rlim_max)},
                     {"needed", static_cast<std::int64_t>(needed)}});
  }

  Task<> main() {
    if (!tasks_.spawn(proxy_.serve()) || !tasks_.spawn(reload_when_told()) ||
        !tasks_.spawn(reload_when_changed()))
      throw std::logic_error("the proxy's tasks do not fit their group");
    co_await signals_.async_wait(asio::use_awaitable);
    logger_.info("stop", fmt::format("stopping: {} connections have {} to end; a second signal cuts them",
                                     proxy_.connections(), describe_duration(kDrain)));
    proxy_.stop();
    asio::steady_timer limit(io_, kDrain);
    co_await (until_empty() || limit.async_wait(asio::use_awaitable) ||
              signals_.async_wait(asio::use_awaitable));
    tasks_.cancel_all();
    co_await tasks_.join();
    logger_.info("stop", "stopped");
  }

  Task<> until_empty() {
    asio::steady_timer pause(io_);
    while (proxy_.connections() > 0) {
      pause.expires_after(std::chrono::milliseconds(50));
      co_await pause.async_wait(asio::use_awaitable);
    }
  }

  Task<> reload_when_told() {
    asio::signal_set hangup(io_, SIGHUP);
    for (;;) {
      co_await hangup.async_wait(asio::use_awaitable);
      reload("SIGHUP");
    }
  }

  Task<> reload_when_changed() {
    auto before = times();
    asio::steady_timer pause(io_);
    for (;;) {
      pause.expires_after(kLook);
      co_await pause.async_wait(asio::use_awaitable);
      auto now = times();
      if (now != before) reload("a file has changed");
      before = std::move(now);
    }
  }

  std::map<std::filesystem::path, std::filesystem::file_time_type> times() const {
    std::map<std::filesystem::path, std::filesystem::file_time_type> out;
    for (const auto& file : options_.watched) {
      std::error_code ignored;
      out[file] = std::filesystem::last_write_time(file, ignored);
    }
    return out;
  }

  void reload(const std::string& why) {
    auto loaded = options_.load();
    if (!loaded) {
      for (const config::Fault& fault : loaded.error()) logger_.error("reload", fault.text());
      logger_.error("reload", fmt::format("{}: not taken, the lists of before stay", why));
      return;
    }
    hide(loaded->file);
    const std::size_t count = loaded->file.clients.size();
    proxy_.replace(clients_of(loaded->file));
    logger_.info("reload", fmt::format("{}: {} clients; tunnels stay", why, count));
  }

  EgressOptions options_;
  asio::io_context io_;
  Redactor redactor_;
  log::Logger logger_;
  egress::ForwardProxy proxy_;
  net::TaskGroup tasks_;
  asio::signal_set signals_;
};

}  // namespace

Result<int> run_egress(EgressOptions options) { return EgressDaemon(std::move(options)).run(); }

}  // namespace pollux::app

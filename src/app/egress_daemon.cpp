// SPDX-License-Identifier: Apache-2.0
#include "app/egress_daemon.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <exception>
#include <utility>

#include "app/daemon.hpp"
#include "app/egress_certificate.hpp"
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

class EgressDaemon {
 public:
  explicit EgressDaemon(EgressOptions options)
      : options_(std::move(options)),
        logger_(make_logger(options_.file.log, options_.level, redactor_)),
        proxy_(io_, options_.file.options, clients_of(options_.file), logger_),
        certificate_(proxy_, logger_),
        tasks_(io_.get_executor(), 8, [this](const std::string& what) { logger_.error("bug", what); }),
        signals_(io_, SIGTERM, SIGINT) {
    hide(options_.file);
  }

  Result<int> run() {
    if (auto taken = certificate_.take(options_.file.tls); !taken) return std::unexpected(taken.error());
    const config::Listen& listen = options_.file.listen;
    auto port = proxy_.bind(listen.host, listen.port);
    if (!port) return std::unexpected(port.error());
    const std::string place = fmt::format("{}:{}", listen.host, *port);
    logger_.info("start", fmt::format("pollux {}: egress proxy at {}", POLLUX_VERSION, place),
                 {{"egress", place}});
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
      faults_.clear();  // to be said again
      reload("SIGHUP");
      certificate_.look(true);
    }
  }

  Task<> reload_when_changed() {
    auto before = times_of(options_.watched);
    asio::steady_timer pause(io_);
    for (;;) {
      pause.expires_after(kLook);
      co_await pause.async_wait(asio::use_awaitable);
      certificate_.look(false);
      auto now = times_of(options_.watched);
      // After a fault at each look: it may have been half of a file, or the certificate's.
      if (now != before || !faults_.empty()) reload("a file has changed");
      before = std::move(now);
    }
  }

  void reload(const std::string& why) {
    auto loaded = options_.load();
    std::vector<std::string> faults;
    if (!loaded) {
      for (const config::Fault& fault : loaded.error()) faults.push_back(fault.text());
    }
    const bool said = faults == faults_;
    faults_ = std::move(faults);
    if (!loaded) {
      if (said) return;
      for (const std::string& fault : faults_) logger_.error("reload", fault);
      logger_.error("reload", fmt::format("{}: not taken, the lists of before stay", why));
      return;
    }
    hide(loaded->file);
    const std::size_t count = loaded->file.clients.size();
    proxy_.replace(clients_of(loaded->file));
    logger_.info("reload", fmt::format("{}: {} clients; tunnels stay", why, count));
    if (auto taken = certificate_.take(loaded->file.tls); !taken)
      logger_.error("egress_certificate", taken.error().message);
  }

  EgressOptions options_;
  asio::io_context io_;
  Redactor redactor_;
  log::Logger logger_;
  egress::ForwardProxy proxy_;
  EgressCertificate certificate_;
  std::vector<std::string> faults_;  // of the last reload
  net::TaskGroup tasks_;
  asio::signal_set signals_;
};

}  // namespace

Result<int> run_egress(EgressOptions options) { return EgressDaemon(std::move(options)).run(); }

}  // namespace pollux::app

// SPDX-License-Identifier: Apache-2.0
#include "app/egress_daemon.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <exception>
#include <utility>

#include "app/daemon.hpp"
#include "app/egress_certificate.hpp"
#include "app/file_limit.hpp"
#include "app/runtime.hpp"
#include "egress/proxy/forward_proxy.hpp"
#include "net/http_server.hpp"
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
        logger_(make_logger(options_.file.log, options_.level, LogOutput::kDrops, redactor_)),
        proxy_(io_, within_file_limit(), clients_of(options_.file), logger_),
        metrics_(io_, [this](net::ServerRequest request) { return answer(std::move(request)); }),
        certificate_(proxy_, logger_),
        tasks_(io_.get_executor(), 8, [this](const std::string& what) { logger_.error("bug", what); }),
        signals_(io_, SIGTERM, SIGINT),
        hangup_(io_, SIGHUP) {
    hide(options_.file);
  }

  Result<int> run() {
    if (options_.file.tls) {
      if (auto taken = certificate_.take(*options_.file.tls); !taken) return std::unexpected(taken.error());
    }
    const config::Listen& listen = options_.file.listen;
    auto port = proxy_.bind(listen.host, listen.port);
    if (!port) return std::unexpected(port.error());
    if (auto metrics = bind_metrics(); !metrics) return std::unexpected(metrics.error());
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
    if (failed_) return fail(ErrorKind::kInternal, "the proxy has ended by itself");
    return 0;
  }

 private:
  void hide(const egress::EgressFile& file) {
    for (const Secret& secret : file.secrets) redactor_.hide(secret);
  }

  Result<void> bind_metrics() {
    const auto& at = options_.file.metrics;
    if (!at) return {};
    auto port = metrics_.bind(at->host, at->port);
    if (!port) return std::unexpected(port.error());
    logger_.info("start", fmt::format("metrics at http://{}:{}/metrics", at->host, *port));
    return {};
  }

  Task<net::ServerResponse> answer(net::ServerRequest request) {
    const bool known = request.path == "/metrics" || request.path == "/healthz";
    if (!known) co_return net::ServerResponse{404, {}, "only /metrics and /healthz are here\n", {}};
    if (request.method != "GET") co_return net::ServerResponse{405, {{"Allow", "GET"}}, "only GET\n", {}};
    const bool health = request.path == "/healthz";
    // prometheus.io/docs/instrumenting/exposition_formats
    const char* type = health ? "text/plain" : "text/plain; version=0.0.4; charset=utf-8";
    co_return net::ServerResponse{200, {{"Content-Type", type}}, health ? "ok\n" : proxy_.metrics(), {}};
  }

  // The proxy's options, with no more connections than have their files: one beyond would take the files of
  // those that stand.
  egress::ProxyOptions within_file_limit() {
    egress::ProxyOptions out = options_.file.options;
    const std::size_t wanted = out.most_connections;
    const std::size_t allowed = raise_file_limit();
    const std::size_t needed = files_for(wanted);
    if (allowed >= needed) return out;
    out.most_connections = connections_within(allowed, wanted);
    logger_.warning(
        "file_limit",
        fmt::format("{} connections need {} open files and {} are allowed: there will be {} at the "
                    "most; raise the hard limit (ulimit -Hn, LimitNOFILE=) or lower `connections`",
                    wanted, needed, allowed, out.most_connections),
        {{"allowed", static_cast<std::int64_t>(allowed)},
         {"needed", static_cast<std::int64_t>(needed)},
         {"connections", static_cast<std::int64_t>(out.most_connections)}});
    return out;
  }

  Task<> main() {
    if (!tasks_.spawn(serve()) || !tasks_.spawn(reload_when_told()) || !tasks_.spawn(reload_when_changed()))
      throw std::logic_error("the proxy's tasks do not fit their group");
    if (options_.file.metrics && !tasks_.spawn(metrics_.serve()))
      throw std::logic_error("the proxy's tasks do not fit their group");
    co_await signals_.async_wait(asio::as_tuple(asio::use_awaitable));
    metrics_.stop();
    if (failed_) co_return;
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

  // Without it the process would be alive and deaf: better that its supervisor sees the end.
  Task<> serve() {
    try {
      co_await proxy_.serve();
    } catch (const std::exception& fault) {
      logger_.error("egress_fault", fmt::format("the proxy ended: {}", fault.what()));
      failed_ = true;
      signals_.cancel();
    }
  }

  Task<> until_empty() {
    asio::steady_timer pause(io_);
    while (proxy_.connections() > 0) {
      pause.expires_after(std::chrono::milliseconds(50));
      co_await pause.async_wait(asio::use_awaitable);
    }
  }

  Task<> reload_when_told() {
    for (;;) {
      co_await hangup_.async_wait(asio::use_awaitable);
      faults_.clear();  // to be said again
      reload("SIGHUP");
      certificate_.look(true);
    }
  }

  // Taken only when two looks in a row see the same: half of a deny list that somebody is writing is a list,
  // too.
  Task<> reload_when_changed() {
    FileMarks before = options_.marks;
    asio::steady_timer pause(io_);
    for (;;) {
      pause.expires_after(kLook);
      co_await pause.async_wait(asio::use_awaitable);
      certificate_.look(false);
      const FileMarks now = marks_now(options_.marks);
      // After a fault at each look: the right to read a file leaves no mark on it.
      if (now == before && (now != options_.marks || !faults_.empty())) reload("a file has changed");
      before = now;
    }
  }

  void reload(const std::string& why) {
    auto [loaded, marks] = options_.load();
    options_.marks = std::move(marks);
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
    for (const config::Fault& fault : loaded->warnings) logger_.warning("reload", fault.text());
    egress::EgressFile& file = loaded->file;
    warn_of_what_waits(file);
    hide(file);
    const std::size_t count = file.clients.size();
    proxy_.replace(clients_of(file));
    logger_.info("reload", fmt::format("{}: the lists of {} {}; tunnels stay", why, count,
                                       count == 1 ? "client" : "clients"));
    if (file.tls && options_.file.tls) certificate_.take_again(*file.tls);
  }

  void warn_of_what_waits(const egress::EgressFile& file) {
    const egress::EgressFile& own = options_.file;
    if (file.listen != own.listen || file.metrics != own.metrics || file.log != own.log ||
        file.options != own.options)
      logger_.warning(
          "reload", "only `clients` and `methods` are taken anew: what else has changed waits for a restart");
    // The passwords of clients that come by TLS must not begin to come in the clear by a slip of the file.
    if (own.tls && !file.tls)
      logger_.warning("reload",
                      "`tls` is gone from the file: that waits for a restart, and until then "
                      "clients come by TLS, with the certificate of before");
    if (!own.tls && file.tls)
      logger_.warning("reload",
                      "`tls` is new in the file: that waits for a restart, and until then clients "
                      "come in the clear");
  }

  EgressOptions options_;
  asio::io_context io_;
  Redactor redactor_;
  log::Logger logger_;
  egress::ForwardProxy proxy_;
  net::HttpServer metrics_;
  bool failed_ = false;
  EgressCertificate certificate_;
  std::vector<std::string> faults_;  // of the last reload
  net::TaskGroup tasks_;
  asio::signal_set signals_;
  asio::signal_set hangup_;
};

}  // namespace

Result<int> run_egress(EgressOptions options) { return EgressDaemon(std::move(options)).run(); }

}  // namespace pollux::app

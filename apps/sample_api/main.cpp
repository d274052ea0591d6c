// SPDX-License-Identifier: Apache-2.0
// sample-api: plays the upstream, for the demo and for tests. Listens on loopback unless told otherwise;
// SIGTERM ends it.
#include <CLI/CLI.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <fstream>
#include <iostream>
#include <iterator>

#include "apps/sample_api/sample_api.hpp"
#include "base/clock.hpp"
#include "net/http_server.hpp"

namespace {

namespace asio = boost::asio;
using pollux::sample_api::Options;
using pollux::sample_api::SampleApi;

struct Arguments {
  Options api;
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  long long expires_in = 3600;
  std::string tls_certificate;
  std::string tls_key;
  std::string port_file;
  long long clock_ahead = 0;
  std::string google_public_key;
};

/// A clock that is wrong by so much.
class WrongClock final : public pollux::Clock {
 public:
  explicit WrongClock(pollux::Millis ahead) : ahead_(ahead) {}
  pollux::Time now() const override { return right_.now() + ahead_; }

 private:
  pollux::SystemClock right_;
  pollux::Millis ahead_;
};

void declare_credentials(CLI::App& app, Arguments& a) {
  app.add_option("--refresh-token", a.api.refresh_token, "the first one that /oauth2/refresh takes");
  app.add_option("--clock-ahead", a.clock_ahead, "seconds that its clock is ahead of the right time");
  app.add_option("--google-public-key", a.google_public_key, "PEM file that assertions are verified with")
      ->check(CLI::ExistingFile);
  app.add_option("--google-account", a.api.google_accounts, "who may sign them");
  app.add_option("--aws-key-id", a.api.aws_key_id, "who may sign below /aws/");
  app.add_option("--aws-secret", a.api.aws_secret, "and with what");
  app.add_option("--aws-session-token", a.api.aws_session_token, "and what must stand beside it");
}

void declare(CLI::App& app, Arguments& a) {
  app.add_option("--host", a.host, "address to listen on");
  app.add_option("--port", a.port, "port; 0: any; a taken one: the next free one");
  app.add_option("--port-file", a.port_file, "file that the port is written to");
  app.add_option("--client-id", a.api.client_id, "the one client that gets tokens");
  app.add_option("--client-secret", a.api.client_secret, "and its secret");
  app.add_option("--expires-in", a.expires_in, "seconds that a token lives");
  app.add_option("--api-key", a.api.api_key, "what /key expects");
  app.add_option("--user", a.api.user, "what /basic expects");
  app.add_option("--password", a.api.password, "and its password");
  declare_credentials(app, a);
  app.add_flag("--fixed", a.api.fixed, "the same wait times at all times");
  app.add_option("--page", a.api.page, "folder that is served at /page/")->check(CLI::ExistingDirectory);
  app.add_option("--data-origin", a.api.data_origins, "where the page may fetch from");
  auto* certificate = app.add_option("--tls-cert", a.tls_certificate, "PEM certificate: speak https");
  app.add_option("--tls-key", a.tls_key, "PEM key")->needs(certificate);
}

/// `api` lives in run(), whose io_context holds this frame.
pollux::Task<pollux::net::ServerResponse> answer(SampleApi& api, pollux::net::ServerRequest request) {
  co_return api.answer(request);
}

int run(Arguments a) {
  a.api.expires_in = std::chrono::seconds(a.expires_in);
  a.api.clock_ahead = std::chrono::seconds(a.clock_ahead);
  if (!a.google_public_key.empty()) {
    std::ifstream file(a.google_public_key);
    a.api.google_public_key.assign(std::istreambuf_iterator<char>(file), {});
  }
  const WrongClock clock(a.api.clock_ahead);
  SampleApi api(a.api, clock);
  asio::io_context io(1);
  pollux::net::ServerOptions options;
  options.max_body = pollux::Bytes{64ULL << 20};
  options.on_fault = [](const std::string& what) { std::cerr << "sample-api: " << what << "\n"; };
  if (!a.tls_certificate.empty()) options.tls = {a.tls_certificate, a.tls_key};
  auto handler = [&api](pollux::net::ServerRequest request) { return answer(api, std::move(request)); };
  pollux::net::HttpServer server(io, handler, options);
  auto port = server.bind_first_free(a.host, a.port, a.port == 0 ? 1 : 100);
  if (!port) {
    std::cerr << "sample-api: " << port.error().text() << "\n";
    return 1;
  }
  std::cout << "listening on " << a.host << ":" << *port << std::endl;
  if (!a.port_file.empty()) std::ofstream(a.port_file) << *port << "\n";

  asio::cancellation_signal stop;
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](auto, int) { stop.emit(asio::cancellation_type::terminal); });
  auto ended = [&](const std::exception_ptr&) { signals.cancel(); };
  asio::co_spawn(io, server.serve(), asio::bind_cancellation_slot(stop.slot(), ended));
  io.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("An API to poll: a contact centre with wait times, and faults on request");
  Arguments arguments;
  declare(app, arguments);
  CLI11_PARSE(app, argc, argv);
  return run(std::move(arguments));
}

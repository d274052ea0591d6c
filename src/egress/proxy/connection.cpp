// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "egress/proxy/answer.hpp"
#include "egress/proxy/arrival.hpp"
#include "egress/proxy/client_stream.hpp"
#include "egress/proxy/dial.hpp"
#include "egress/proxy/forward.hpp"
#include "egress/tunnel/relay.hpp"
#include "egress/tunnel/tls_relay.hpp"

namespace pollux::egress {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

// Counts what a client has under way, for as long as it lives.
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

class Connection {
 public:
  Connection(ClientStream stream, Arrival arrival, std::shared_ptr<ProxyCore> core)
      : stream_(std::move(stream)), arrival_(std::move(arrival)), core_(std::move(core)) {}

  Task<> run();

 private:
  enum class Next { kRequest, kEnd };

  const ProxyOptions& options() const { return core_->options; }
  std::string_view come() const {
    const auto data = buffer_.data();
    return {static_cast<const char*>(data.data()), data.size()};
  }
  Task<bool> read_some(Millis limit);
  Task<std::expected<std::size_t, std::optional<Refused>>> read_head();
  Task<Next> serve(RequestParser& parser);
  Task<Next> serve_as(const ProxyClient& client, RequestParser& parser);
  Task<Next> tunnel(const ProxyClient& client, std::string authority, bool keep_alive);
  Task<Next> plain(const ProxyClient& client, RequestParser& parser);
  Task<Next> say(Answer answer, bool keep_alive);
  Task<Next> refuse(int status, std::string reason);

  ClientStream stream_;
  Arrival arrival_;
  std::shared_ptr<ProxyCore> core_;
  beast::flat_buffer buffer_;
};

Task<> Connection::run() {
  for (Next next = Next::kRequest; next == Next::kRequest;) {
    auto head = co_await read_head();
    if (!head) {
      if (head.error()) co_await refuse(head.error()->status, head.error()->reason);
      break;
    }
    // On the heap: it is large, and a tunnel does without it.
    auto parser = std::make_unique<RequestParser>();
    const auto taken = take_head(come().substr(0, *head), *parser, options().head);
    buffer_.consume(*head);
    next = taken ? co_await serve(*parser) : co_await refuse(taken.error().status, taken.error().reason);
  }
  stream_.finish();
}

Task<bool> Connection::read_some(Millis limit) {
  stream_.expires_after(limit);
  auto space = buffer_.prepare(4096);
  auto [error, count] = co_await stream_.async_read_some(space, kTuple);
  buffer_.commit(count);
  co_return !error && count > 0;
}

// How long the next head is. Nobody is to be told of one that never came.
Task<std::expected<std::size_t, std::optional<Refused>>> Connection::read_head() {
  if (buffer_.size() == 0) {
    if (core_->draining) co_return std::unexpected(std::nullopt);
    auto place = core_->idle.insert(core_->idle.end(), [this] { stream_.close(); });
    const bool more = co_await read_some(options().keep_alive);
    core_->idle.erase(place);
    if (!more) co_return std::unexpected(std::nullopt);
  }
  const auto until = std::chrono::steady_clock::now() + options().head_timeout;
  for (;;) {
    auto end = find_head(come(), options().head);
    if (!end) co_return std::unexpected(end.error());
    if (*end) co_return **end;
    const auto left = std::chrono::duration_cast<Millis>(until - std::chrono::steady_clock::now());
    if (left <= Millis(0)) co_return std::unexpected(Refused{408, "the head took too long"});
    if (!co_await read_some(left)) co_return std::unexpected(std::nullopt);
  }
}

Task<Connection::Next> Connection::serve(RequestParser& parser) {
  const auto& request = parser.get();
  if (request.target() == "/healthz" && request.method() == http::verb::get)
    co_return co_await say(healthy(), request.keep_alive());
  // The connection counts by whom it serves; a reload in its middle changes nothing for it.
  const std::shared_ptr<const Clients> clients = core_->clients;
  const ProxyClient* client = clients->find(request[http::field::proxy_authorization], arrival_.names);
  if (client == nullptr)
    co_return co_await say(ask_for_credentials(), request.keep_alive() && parser.is_done());
  const Place place(*core_, *client);
  if (!place.is_free()) {
    core_->logger.warning(
        "egress_full",
        fmt::format("{} has {} connections already", client->policy.name, client->most_connections),
        {{"client", client->policy.name}});
    co_return co_await refuse(503, "this client has too many connections");
  }
  co_return co_await serve_as(*client, parser);
}

Task<Connection::Next> Connection::serve_as(const ProxyClient& client, RequestParser& parser) {
  const auto& request = parser.get();
  if (request.method() == http::verb::connect) {
    co_return co_await tunnel(client, std::string(request.target()), request.keep_alive());
  }
  co_return co_await plain(client, parser);
}

Task<Connection::Next> Connection::tunnel(const ProxyClient& client, std::string authority, bool keep_alive) {
  const Asked asked{"CONNECT", arrival_.from};
  auto target = parse_authority(authority);
  if (!target) {
    const Decision decision = judge_malformed(client.policy, target.error());
    log_decision(core_->logger, decision, asked, authority);
    co_return co_await say(refusal(decision), false);
  }
  Dialed dialed = co_await dial(core_->resolver, options(), client.policy, *target, core_->logger, asked);
  if (!dialed.decision.passes()) co_return co_await say(refusal(dialed.decision), keep_alive);
  if (!dialed.stream) co_return co_await say(not_reached(*dialed.error), keep_alive);
  constexpr std::string_view kStands = "HTTP/1.1 200 Connection established\r\n\r\n";
  stream_.expires_after(options().head_timeout);
  auto [error, count] = co_await asio::async_write(stream_, asio::buffer(kStands), kTuple);
  // What the client has sent behind its head belongs to the other side.
  if (!error && buffer_.size() > 0) {
    dialed.stream->expires_after(options().head_timeout);
    auto [early_error, early] = co_await asio::async_write(*dialed.stream, buffer_.data(), kTuple);
    error = early_error;
  }
  if (error) co_return Next::kEnd;
  buffer_ = {};
  std::optional<TlsSession> tls = stream_.release_tls();
  tcp::socket near = stream_.release_socket();
  tcp::socket far = dialed.stream->release_socket();
  dialed.stream.reset();
  const auto begun = std::chrono::steady_clock::now();
  const RelayLimits limits{options().idle_timeout, client.most_bytes};
  Relayed relayed;
  if (tls) {
    relayed = co_await relay(near, *tls, far, core_->buffers, limits);
  } else {
    relayed = co_await relay(near, far, core_->pipes, limits);
  }
  const auto took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun);
  core_->logger.debug("tunnel",
                      fmt::format("{} for {}: {} after {}", target->authority(), client.policy.name,
                                  end_name(relayed.end), describe_duration(took)),
                      {{"client", client.policy.name},
                       {"target", target->authority()},
                       {"end", std::string(end_name(relayed.end))},
                       {"bytes_up", static_cast<std::int64_t>(relayed.up)},
                       {"bytes_down", static_cast<std::int64_t>(relayed.down)},
                       {"took_ms", static_cast<std::int64_t>(took.count())}});
  co_return Next::kEnd;
}

Task<Connection::Next> Connection::plain(const ProxyClient& client, RequestParser& parser) {
  const std::string method(parser.get().method_string());
  const std::string url(parser.get().target());
  const Asked asked{method, arrival_.from};
  auto target = parse_http_url(url);
  if (!target) {
    const Decision decision = judge_malformed(client.policy, target.error());
    log_decision(core_->logger, decision, asked, "(malformed)");
    co_return co_await say(refusal(decision), false);
  }
  if (std::ranges::find(options().methods, parser.get().method()) == options().methods.end())
    co_return co_await refuse(405, method + " is not among this proxy's methods");
  Dialed dialed =
      co_await dial(core_->resolver, options(), client.policy, target->target, core_->logger, asked);
  const bool again = parser.get().keep_alive() && parser.is_done();
  if (!dialed.decision.passes()) co_return co_await say(refusal(dialed.decision), again);
  if (!dialed.stream) co_return co_await say(not_reached(*dialed.error), again);
  auto forwarded = co_await forward(stream_, buffer_, parser, *dialed.stream, *target, options());
  if (forwarded.answer) co_return co_await say(std::move(*forwarded.answer), false);
  co_return forwarded.keeps && !core_->draining ? Next::kRequest : Next::kEnd;
}

Task<Connection::Next> Connection::say(Answer answer, bool keep_alive) {
  const bool again = keep_alive && !core_->draining;
  answer.keep_alive(again);
  stream_.expires_after(options().head_timeout);
  auto [error, count] = co_await http::async_write(stream_, answer, kTuple);
  co_return !error && again ? Next::kRequest : Next::kEnd;
}

Task<Connection::Next> Connection::refuse(int status, std::string reason) {
  core_->logger.warning(
      "egress_refused", fmt::format("a request was refused: {}", reason),
      {{"status", static_cast<std::int64_t>(status)}, {"reason", reason}, {"from", arrival_.from}});
  Answer answer = refusal(Refused{status, std::move(reason)});
  co_return co_await say(std::move(answer), false);
}

}  // namespace

Task<> serve_client(tcp::socket socket, std::shared_ptr<ProxyCore> core) {
  ClientStream stream(std::move(socket));
  std::optional<Arrival> arrival = co_await arrive(stream, *core);
  if (!arrival) co_return;
  Connection connection(std::move(stream), std::move(*arrival), std::move(core));
  co_await connection.run();
}

}  // namespace pollux::egress

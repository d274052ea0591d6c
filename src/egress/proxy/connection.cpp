// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/connection.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "egress/proxy/answer.hpp"
#include "egress/proxy/arrival.hpp"
#include "egress/proxy/client_stream.hpp"
#include "egress/proxy/dial.hpp"
#include "egress/proxy/forward.hpp"
#include "egress/proxy/forward_fields.hpp"
#include "egress/proxy/head_reader.hpp"
#include "egress/proxy/hello_check.hpp"
#include "egress/proxy/kept_server.hpp"
#include "egress/proxy/open_tunnel.hpp"
#include "egress/proxy/place.hpp"

namespace pollux::egress {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

// What may wait behind a head: of a body as it comes, of a tunnel's first bytes.
constexpr std::size_t kBehindHead = 16 * 1024;

class Connection {
 public:
  Connection(ClientStream& stream, Waiting& waiting, Arrival arrival, std::shared_ptr<ProxyCore> core)
      : stream_(stream),
        waiting_(waiting),
        arrival_(std::move(arrival)),
        core_(std::move(core)),
        buffer_(options().head.all + kBehindHead),
        heads_(stream_, buffer_, options()) {}

  /// The tunnel that it has become, if it has.
  Task<std::unique_ptr<OpenTunnel>> run();

 private:
  enum class Next { kRequest, kEnd };
  using Code = boost::system::error_code;

  const ProxyOptions& options() const { return core_->options; }
  const http::request_header<>& request() const { return parser_->get(); }
  std::string_view come() const {
    const auto data = buffer_.data();
    return {static_cast<const char*>(data.data()), data.size()};
  }
  Task<Next> serve();
  Task<Next> tunnel(const ProxyClient& client);
  Task<bool> begin_tunnel(const ProxyClient& client, const Target& target, Dialed& dialed,
                          const Asked& asked);
  Task<Next> plain(const ProxyClient& client);
  Task<Next> after(const ProxyClient& client, const Target& target, Forwarded forwarded);
  Task<Next> say(Answer answer);
  Task<Next> say_last(Answer answer);
  Task<Next> refuse(Refused refused);

  ClientStream& stream_;
  Waiting& waiting_;
  Arrival arrival_;
  std::shared_ptr<ProxyCore> core_;
  beast::flat_buffer buffer_;
  HeadReader heads_;
  std::unique_ptr<RequestParser> parser_;  // of the request that is served; it is large
  bool keeps_ = false;                     // another request may follow this one
  bool to_head_ = false;                   // its answer has no body (RFC 9110, 9.3.2)
  std::shared_ptr<const Clients>
      clients_;  // of the request that is served: a reload in its middle changes nothing
  std::unique_ptr<const Place> place_;  // of the same
  std::optional<KeptServer> kept_;      // of the request before, of plain http
  std::unique_ptr<OpenTunnel> open_;
};

Task<std::unique_ptr<OpenTunnel>> Connection::run() {
  for (Next next = Next::kRequest; next == Next::kRequest;) {
    if (buffer_.size() == 0 && core_->draining) break;
    waiting_.begin();
    auto head = co_await heads_.next();
    if (!head) {
      if (head.error()) co_await refuse(std::move(*head.error()));
      break;
    }
    parser_ = std::make_unique<RequestParser>();
    auto taken = take_head(come().substr(0, *head), *parser_, options().head);
    buffer_.consume(*head);
    next = taken ? co_await serve() : co_await refuse(std::move(taken.error()));
    place_.reset();
  }
  if (!open_) stream_.finish();
  co_return std::move(open_);
}

Task<Connection::Next> Connection::serve() {
  to_head_ = request().method() == http::verb::head;
  // What follows a CONNECT was meant for the tunnel, if it is not to be one: it is no request of ours.
  keeps_ = parser_->keep_alive() && parser_->is_done() && request().method() != http::verb::connect;
  if (request().target() == "/healthz" && request().method() == http::verb::get)
    co_return co_await say(healthy());
  // The connection counts by whom it serves.
  clients_ = core_->clients;
  const ProxyClient* client = clients_->find(request()[http::field::proxy_authorization], arrival_.names);
  if (client == nullptr) {
    core_->log.unknown(request().count(http::field::proxy_authorization) > 0, arrival_.from);
    co_return co_await say(ask_for_credentials());
  }
  place_ = std::make_unique<const Place>(*core_, *client);
  if (!place_->is_free()) {
    core_->log.full(client->policy.name, client->most_connections);
    const Refused full{503, "this client has too many connections"};
    co_return co_await say_last(refusal(full));
  }
  waiting_.end();
  if (request().method() == http::verb::connect) co_return co_await tunnel(*client);
  co_return co_await plain(*client);
}

Task<Connection::Next> Connection::tunnel(const ProxyClient& client) {
  kept_.reset();
  const Asked asked{"CONNECT", arrival_.from};
  auto target = parse_authority(std::string(request().target()));
  if (!target) {
    const Decision decision = judge_malformed(client.policy, target.error());
    core_->log.decided(decision, asked, fit_for_log(request().target()));
    co_return co_await say_last(refusal(decision));
  }
  Dialed dialed = co_await dial(core_->resolver, options(), client.policy, *target, core_->log, asked);
  if (!dialed.decision.passes()) co_return co_await say_last(refusal(dialed.decision));
  if (!dialed.stream) co_return co_await say_last(not_reached(*dialed.error));
  if (!co_await begin_tunnel(client, *target, dialed, asked)) co_return Next::kEnd;
  std::optional<TlsSession> tls = stream_.release_tls();
  open_ =
      std::make_unique<OpenTunnel>(core_, clients_, client, target->authority(), std::move(place_),
                                   stream_.release_socket(), dialed.stream->release_socket(), std::move(tls));
  co_return Next::kEnd;
}

Task<bool> Connection::begin_tunnel(const ProxyClient& client, const Target& target, Dialed& dialed,
                                    const Asked& asked) {
  constexpr std::string_view kStands = "HTTP/1.1 200 Connection established\r\n\r\n";
  stream_.expires_after(options().head_timeout);
  auto [error, count] = co_await asio::async_write(stream_, asio::buffer(kStands), kTuple);
  if (error) co_return false;
  const HelloCheck check{
      client.policy, target, dialed.decision, options().head_timeout, options().idle_timeout,
      core_->log,    asked};
  if (!co_await hello_passes(stream_, *dialed.stream, buffer_, check)) co_return false;
  if (buffer_.size() == 0) co_return true;
  // What the client has sent behind its head belongs to the other side.
  dialed.stream->expires_after(options().head_timeout);
  auto [early_error, early] = co_await asio::async_write(*dialed.stream, buffer_.data(), kTuple);
  co_return !early_error;
}

Task<Connection::Next> Connection::plain(const ProxyClient& client) {
  const Asked asked{std::string(request().method_string().substr(0, 20)), arrival_.from};
  auto target = parse_http_url(std::string(request().target()));
  if (!target) {
    const Decision decision = judge_malformed(client.policy, target.error());
    core_->log.decided(decision, asked, fit_for_log(request().target()));
    co_return co_await say_last(refusal(decision));
  }
  if (std::ranges::find(client.methods, request().method()) == client.methods.end()) {
    const Refused refused{405, asked.method + " is not among this client's methods"};
    core_->log.refused(refused.status, refused.reason, arrival_.from);
    co_return co_await say_last(not_among(refused, client.methods));
  }
  const MaxForwards hops = count_down(parser_->get());
  if (hops == MaxForwards::kUnreadable) {
    Refused refused{400, "a Max-Forwards that is no number"};
    co_return co_await refuse(std::move(refused));
  }
  if (hops == MaxForwards::kNoMore) co_return co_await say(own_options(client.methods));
  std::optional<KeptServer> kept = std::exchange(kept_, std::nullopt);
  Dialed dialed = co_await dial(core_->resolver, options(), client.policy, target->target, core_->log, asked,
                                kept ? &*kept : nullptr);
  if (!dialed.decision.passes()) co_return co_await say(refusal(dialed.decision));
  if (!dialed.stream) co_return co_await say(not_reached(*dialed.error));
  const ForwardLimits limits{options().answer_timeout, options().head.all, client.most_bytes};
  Forwarded forwarded = co_await forward(stream_, buffer_, *parser_, *dialed.stream, *target, limits);
  if (forwarded.server_keeps && forwarded.keeps)
    kept_.emplace(client.policy.name, target->target, *dialed.decision.address, std::move(*dialed.stream));
  dialed.stream.reset();
  co_return co_await after(client, target->target, std::move(forwarded));
}

Task<Connection::Next> Connection::after(const ProxyClient& client, const Target& target,
                                         Forwarded forwarded) {
  using End = Forwarded::End;
  if (forwarded.end == End::kBadRequest) co_return co_await refuse(std::move(forwarded.refused));
  if (forwarded.error) core_->log.unreached(client.policy.name, target.authority(), *forwarded.error);
  if (forwarded.end == End::kNoAnswer) co_return co_await say_last(not_reached(*forwarded.error));
  if (forwarded.end == End::kLeft) core_->log.left(client.policy.name, target.authority(), arrival_.from);
  if (forwarded.end != End::kWhole) co_return Next::kEnd;
  if (forwarded.keeps && !core_->draining) co_return Next::kRequest;
  co_await stream_.linger();
  co_return Next::kEnd;
}

Task<Connection::Next> Connection::say(Answer answer) {
  const bool again = keeps_ && !core_->draining;
  answer.keep_alive(again);
  stream_.expires_after(options().head_timeout);
  Code failed;
  if (to_head_) {
    http::response_serializer<http::string_body> head(answer);
    auto [error, count] = co_await http::async_write_header(stream_, head, kTuple);
    failed = error;
  } else {
    auto [error, count] = co_await http::async_write(stream_, answer, kTuple);
    failed = error;
  }
  if (!failed && again) co_return Next::kRequest;
  if (!failed) co_await stream_.linger();
  co_return Next::kEnd;
}

Task<Connection::Next> Connection::say_last(Answer answer) {
  keeps_ = false;
  co_return co_await say(std::move(answer));
}

Task<Connection::Next> Connection::refuse(Refused refused) {
  core_->log.refused(refused.status, refused.reason, arrival_.from);
  co_return co_await say_last(refusal(refused));
}

// Its frame, and all that it has called, is gone when a tunnel stands.
Task<std::unique_ptr<OpenTunnel>> converse(tcp::socket socket, std::shared_ptr<ProxyCore> core) {
  ClientStream stream(std::move(socket));
  Waiting waiting(*core, stream);
  std::optional<Arrival> arrival = co_await arrive(stream, *core);
  if (!arrival) co_return nullptr;
  Connection connection(stream, waiting, std::move(*arrival), core);
  co_return co_await connection.run();
}

}  // namespace

Task<> serve_client(tcp::socket socket, std::shared_ptr<ProxyCore> core) {
  std::unique_ptr<OpenTunnel> tunnel = co_await converse(std::move(socket), std::move(core));
  if (tunnel) co_await carry(std::move(tunnel));
}

}  // namespace pollux::egress

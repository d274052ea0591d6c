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
#include "egress/proxy/hello_check.hpp"
#include "egress/proxy/place.hpp"
#include "egress/tunnel/relay.hpp"
#include "egress/tunnel/tls_relay.hpp"

namespace pollux::egress {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

// What may wait behind a head: of a body as it comes, of a tunnel's first bytes.
constexpr std::size_t kBehindHead = 16 * 1024;
// Of a refused request, what comes after the refusal is read and dropped up to here.
constexpr std::size_t kMostDropped = 64 * 1024;
constexpr Millis kDropFor{1000};

class Connection {
 public:
  Connection(ClientStream stream, Arrival arrival, std::shared_ptr<ProxyCore> core)
      : stream_(std::move(stream)),
        arrival_(std::move(arrival)),
        core_(std::move(core)),
        buffer_(options().head.all + kBehindHead) {}

  Task<> run();

 private:
  enum class Next { kRequest, kEnd };
  using Code = boost::system::error_code;

  const ProxyOptions& options() const { return core_->options; }
  const http::request_header<>& request() const { return parser_->get(); }
  std::string_view come() const {
    const auto data = buffer_.data();
    return {static_cast<const char*>(data.data()), data.size()};
  }
  Task<Code> read_some(Millis limit);
  Task<bool> hear_first_byte();
  Task<std::expected<std::size_t, std::optional<Refused>>> read_head();
  Task<Next> serve();
  Task<Next> tunnel(const ProxyClient& client);
  Task<bool> begin_tunnel(const ProxyClient& client, const Target& target, Dialed& dialed,
                          const Asked& asked);
  Task<> carry(const ProxyClient& client, const Target& target, Dialed dialed);
  Task<Next> plain(const ProxyClient& client);
  Task<Next> say(Answer answer);
  Task<Next> say_last(Answer answer);
  Task<Next> refuse(Refused refused);
  Task<> drop_the_rest();

  ClientStream stream_;
  Arrival arrival_;
  std::shared_ptr<ProxyCore> core_;
  beast::flat_buffer buffer_;
  std::unique_ptr<RequestParser> parser_;  // of the request that is served; it is large
  bool served_ = false;                    // a request before this one
  bool keeps_ = false;                     // another request may follow this one
  bool to_head_ = false;                   // its answer has no body (RFC 9110, 9.3.2)
};

Task<> Connection::run() {
  for (Next next = Next::kRequest; next == Next::kRequest;) {
    auto head = co_await read_head();
    if (!head) {
      if (head.error()) co_await refuse(std::move(*head.error()));
      break;
    }
    parser_ = std::make_unique<RequestParser>();
    auto taken = take_head(come().substr(0, *head), *parser_, options().head);
    buffer_.consume(*head);
    next = taken ? co_await serve() : co_await refuse(std::move(taken.error()));
    served_ = true;
  }
  stream_.finish();
}

Task<boost::system::error_code> Connection::read_some(Millis limit) {
  stream_.expires_after(limit);
  auto space = buffer_.prepare(std::min<std::size_t>(4096, buffer_.max_size() - buffer_.size()));
  auto [error, count] = co_await stream_.async_read_some(space, kTuple);
  buffer_.commit(count);
  co_return error;
}

// Who has asked for nothing yet has no claim to the time between two requests.
Task<bool> Connection::hear_first_byte() {
  if (core_->draining) co_return false;
  const Idle idle(*core_, stream_);
  const Code error = co_await read_some(served_ ? options().keep_alive : options().head_timeout);
  co_return !error;
}

// How long the next head is. Nobody is to be told of one that never came.
Task<std::expected<std::size_t, std::optional<Refused>>> Connection::read_head() {
  if (buffer_.size() == 0 && !co_await hear_first_byte()) co_return std::unexpected(std::nullopt);
  const auto until = std::chrono::steady_clock::now() + options().head_timeout;
  // One that comes byte by byte is not looked through from its beginning at each.
  for (std::size_t looked = 0;;) {
    const std::string_view text = come();
    if (text.size() > options().head.all || text.find("\r\n\r\n", looked) != std::string_view::npos) {
      auto end = find_head(text, options().head);
      if (!end) co_return std::unexpected(std::move(end.error()));
      if (*end) co_return **end;
    }
    looked = text.size() < 3 ? 0 : text.size() - 3;
    const auto left = std::chrono::duration_cast<Millis>(until - std::chrono::steady_clock::now());
    const Code error = left > Millis(0) ? co_await read_some(left) : beast::error::timeout;
    if (error == beast::error::timeout) co_return std::unexpected(Refused{408, "the head took too long"});
    if (error) co_return std::unexpected(std::nullopt);
  }
}

Task<Connection::Next> Connection::serve() {
  to_head_ = request().method() == http::verb::head;
  // What follows a CONNECT was meant for the tunnel, if it is not to be one: it is no request of ours.
  keeps_ = parser_->keep_alive() && parser_->is_done() && request().method() != http::verb::connect;
  if (request().target() == "/healthz" && request().method() == http::verb::get)
    co_return co_await say(healthy());
  // The connection counts by whom it serves; a reload in its middle changes nothing for it.
  const std::shared_ptr<const Clients> clients = core_->clients;
  const ProxyClient* client = clients->find(request()[http::field::proxy_authorization], arrival_.names);
  if (client == nullptr) {
    core_->log.unknown(request().count(http::field::proxy_authorization) > 0, arrival_.from);
    co_return co_await say(ask_for_credentials());
  }
  const Place place(*core_, *client);
  if (!place.is_free()) {
    core_->log.full(client->policy.name, client->most_connections);
    const Refused full{503, "this client has too many connections"};
    co_return co_await say_last(refusal(full));
  }
  if (request().method() == http::verb::connect) co_return co_await tunnel(*client);
  co_return co_await plain(*client);
}

Task<Connection::Next> Connection::tunnel(const ProxyClient& client) {
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
  const bool begun = co_await begin_tunnel(client, *target, dialed, asked);
  if (begun) co_await carry(client, *target, std::move(dialed));
  co_return Next::kEnd;
}

Task<bool> Connection::begin_tunnel(const ProxyClient& client, const Target& target, Dialed& dialed,
                                    const Asked& asked) {
  constexpr std::string_view kStands = "HTTP/1.1 200 Connection established\r\n\r\n";
  stream_.expires_after(options().head_timeout);
  auto [error, count] = co_await asio::async_write(stream_, asio::buffer(kStands), kTuple);
  if (error) co_return false;
  const HelloCheck check{client.policy, target, dialed.decision, options().head_timeout, core_->log, asked};
  if (!co_await hello_passes(stream_, buffer_, check)) co_return false;
  if (buffer_.size() == 0) co_return true;
  // What the client has sent behind its head belongs to the other side.
  dialed.stream->expires_after(options().head_timeout);
  auto [early_error, early] = co_await asio::async_write(*dialed.stream, buffer_.data(), kTuple);
  co_return !early_error;
}

Task<> Connection::carry(const ProxyClient& client, const Target& target, Dialed dialed) {
  // An idle tunnel needs no memory of how it began.
  buffer_ = beast::flat_buffer();
  parser_.reset();
  std::optional<TlsSession> tls = stream_.release_tls();
  tcp::socket near = stream_.release_socket();
  tcp::socket far = dialed.stream->release_socket();
  dialed.stream.reset();
  const auto begun = std::chrono::steady_clock::now();
  core_->log.tunnel_began(client.policy.name);
  const RelayLimits limits{options().idle_timeout, client.most_bytes};
  Relayed relayed;
  if (tls) {
    relayed = co_await relay(near, *tls, far, core_->buffers, limits);
  } else {
    relayed = co_await relay(near, far, core_->pipes, limits);
  }
  const auto took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun);
  core_->log.tunnel_ended(client.policy.name, target.authority(), relayed, took);
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
  Dialed dialed = co_await dial(core_->resolver, options(), client.policy, target->target, core_->log, asked);
  if (!dialed.decision.passes()) co_return co_await say(refusal(dialed.decision));
  if (!dialed.stream) co_return co_await say(not_reached(*dialed.error));
  const ForwardLimits limits{options().answer_timeout, options().head.all, client.most_bytes};
  auto forwarded = co_await forward(stream_, buffer_, *parser_, *dialed.stream, *target, limits);
  if (forwarded.answer) co_return co_await say_last(std::move(*forwarded.answer));
  co_return forwarded.keeps && !core_->draining ? Next::kRequest : Next::kEnd;
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
  if (!failed) co_await drop_the_rest();
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

// A socket closed upon unread bytes is reset, and the answer with it (RFC 9112, 9.6).
Task<> Connection::drop_the_rest() {
  stream_.finish();
  const auto until = std::chrono::steady_clock::now() + kDropFor;
  for (std::size_t dropped = 0; dropped < kMostDropped;) {
    buffer_.clear();
    const auto left = std::chrono::duration_cast<Millis>(until - std::chrono::steady_clock::now());
    if (left <= Millis(0) || co_await read_some(left) || buffer_.size() == 0) break;
    dropped += buffer_.size();
  }
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

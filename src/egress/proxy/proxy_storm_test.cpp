// SPDX-License-Identifier: Apache-2.0
// Thousands of tunnels at once, each with an end of its own: whole, half-closed, reset from either side, cut
// in the head or in the middle. The proxy runs on a thread of its own, as in the field, so that ends meet it
// at any point of its work. Each byte is compared, and nothing may be left behind.

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <random>
#include <thread>

#include "egress/proxy/proxy_thread_test.hpp"
#include "tests/support/noise.hpp"
#include "tests/support/open_files.hpp"

namespace pollux::egress {
namespace {

using asio::ip::tcp;
using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;
using Code = boost::system::error_code;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kTunnels = 2000;  // open at the same time
constexpr std::size_t kOthers = 400;    // that come meanwhile, and do not all get so far
constexpr std::string_view kStands = "HTTP/1.1 200 Connection established\r\n\r\n";
constexpr std::size_t kKeptPipes = 64;  // by Pipes

// What one side of a tunnel does; the other side does other().
enum class Part {
  kBothAtOnce,
  kSpeaksFirst,  // to its end, and hears the answer then: half-close
  kHearsFirst,
  kResets,  // in the middle
  kIsReset,
  kVanishes,  // closes in the middle, with bytes on their way to it
  kIsLeft,
};

Part other(Part part) {
  constexpr std::array kOther{Part::kBothAtOnce, Part::kHearsFirst, Part::kSpeaksFirst, Part::kIsReset,
                              Part::kResets,     Part::kIsLeft,     Part::kVanishes};
  return kOther.at(static_cast<std::size_t>(part));
}

struct Plan {
  Part client = Part::kBothAtOnce;
  std::size_t up = 0;    // bytes from the client, ...
  std::size_t down = 0;  // ... and to it
  bool early = false;    // its first bytes come with the head
};

ProxyOptions roomy() {
  ProxyOptions out;
  out.most_connections = kTunnels + kOthers;
  out.head_timeout = 60s;  // a busy machine is no fault here
  out.connect_timeout = 60s;
  return out;
}

std::shared_ptr<const Clients> clients_that_reach(std::initializer_list<const char*> rules) {
  ProxyClient client;
  client.policy.name = "anybody";
  std::vector<Rule> allowed;
  for (const char* rule : rules) allowed.push_back(*parse_rule(rule));
  client.policy.allow = RuleSet::allow(std::move(allowed), PortSet::all());
  client.most_connections = kTunnels + kOthers;
  return std::make_shared<const Clients>(std::vector{client});
}

// All clients and servers, on the test's own thread.
class Storm {
 public:
  Storm(ProxyThread& proxy, unsigned seed) : proxy_(proxy), dice_(seed), noise_(seed) {
    gate_.expires_at(std::chrono::steady_clock::time_point::max());
    for (std::size_t i = 0; i < kTunnels; ++i) plans_.push_back(plan());
  }

  void rage() {
    start(accept());
    for (std::uint32_t id = 0; id < kTunnels; ++id) start(client(id));
    for (std::uint32_t id = 0; id < kOthers; ++id) start(latecomer(id));
    until([this] { return standing_ == kTunnels; }, "tunnels that do not stand");
    if (testing::Test::HasFatalFailure()) return;
    ASSERT_GE(proxy_.connections(), kTunnels);
    reload();
    gate_.cancel();
    until([this] { return running_ == 1; }, "tunnels that do not end");
    acceptor_.close();
    until([this] { return running_ == 0; }, "a listener that does not close");
  }

 private:
  Plan plan() {
    const auto part = static_cast<Part>(dice_() % 7);
    const std::size_t most = dice_() % 50 == 0 ? 2'000'000 : 60'000;
    return {part, 1 + dice_() % most, 1 + dice_() % most, dice_() % 2 == 0};
  }

  void start(Task<> task) {
    ++running_;
    asio::co_spawn(io_, std::move(task), [this](std::exception_ptr thrown) {
      --running_;
      EXPECT_FALSE(thrown);
    });
  }

  template <class Done>
  void until(Done done, const char* what) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (!done() && std::chrono::steady_clock::now() < end) io_.run_one_for(100ms);
    ASSERT_TRUE(done()) << what << ": " << standing_ << " stand, " << running_ << " run";
  }

  // Every other time the list that stands has nothing on it: that is of no concern to tunnels that stand.
  void reload() {
    closed_ = !closed_;
    proxy_.replace(closed_ ? clients_that_reach({}) : clients_that_reach({"127.0.0.0/8", "localhost"}));
  }

  Task<> past_gate() {
    if (gate_open()) co_return;
    co_await gate_.async_wait(kTuple);
  }
  bool gate_open() const { return standing_ == kTunnels; }

  Task<> client(std::uint32_t id) {
    const Plan& plan = plans_[id];
    tcp::socket socket(io_);
    std::string head = connect_head(id);
    if (plan.early) head += name_of(id);
    if (!co_await begin(socket, head)) co_return;
    std::string answer(kStands.size(), '\0');
    co_await asio::async_read(socket, asio::buffer(answer), kTuple);
    EXPECT_EQ(answer, kStands);
    const std::string name = plan.early ? "" : name_of(id);
    co_await asio::async_write(socket, asio::buffer(name), kTuple);
    auto [silent, one] = co_await asio::async_read(socket, asio::buffer(answer.data(), 1), kTuple);
    EXPECT_FALSE(silent) << silent.message();
    ++standing_;
    co_await past_gate();
    co_await act(plan.client, socket, up(id, plan), down(id, plan));
    if (++ended_ % 100 == 0) reload();
  }

  // Comes while the others storm: ends in the middle of its head, or hears what today's list says of it.
  Task<> latecomer(std::uint32_t id) {
    co_await past_gate();
    tcp::socket socket(io_);
    std::string head = connect_head(id);
    const bool whole = id % 2 == 0;
    if (!whole) head.resize(dice_() % head.size());
    if (!co_await begin(socket, head)) co_return;
    if (!whole && id % 4 == 1) reset(socket);
    if (!whole) co_return;
    std::string answer(kStands.size(), '\0');
    co_await asio::async_read(socket, asio::buffer(answer), kTuple);
    EXPECT_TRUE(answer == kStands || answer.starts_with("HTTP/1.1 403 ")) << answer;
  }

  std::string connect_head(std::uint32_t id) const {
    const std::string host = id % 8 == 0 ? "localhost" : "127.0.0.1";
    return "CONNECT " + host + ":" + std::to_string(acceptor_.local_endpoint().port()) +
           " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
  }

  static std::string name_of(std::uint32_t id) { return {reinterpret_cast<const char*>(&id), sizeof id}; }

  Task<bool> begin(tcp::socket& socket, const std::string& head) {
    auto [unreached] = co_await socket.async_connect(proxy_.place(), kTuple);
    EXPECT_FALSE(unreached) << unreached.message();
    if (unreached) co_return false;
    auto [error, count] = co_await asio::async_write(socket, asio::buffer(head), kTuple);
    co_return !error;
  }

  struct Stream {
    std::size_t place = 0;  // where its bytes begin in the noise
    std::size_t count = 0;
  };
  static Stream up(std::uint32_t id, const Plan& plan) { return {std::size_t{id} * 1013, plan.up}; }
  static Stream down(std::uint32_t id, const Plan& plan) {
    return {std::size_t{id} * 1013 + 499'979, plan.down};
  }

  static void reset(tcp::socket& socket) {
    socket.set_option(asio::socket_base::linger(true, 0));
    socket.close();
  }

  Task<> act(Part part, tcp::socket& socket, Stream mine, Stream theirs) {
    Code sent;
    test::Noise::Heard heard;
    if (part == Part::kResets || part == Part::kVanishes) {
      co_await noise_.send(socket, mine.place, mine.count / 2);
      if (part == Part::kResets) reset(socket);
      co_return;
    }
    if (part == Part::kSpeaksFirst) {
      sent = co_await noise_.send_all(socket, mine.place, mine.count);
      heard = co_await noise_.hear(socket, theirs.place);
    } else if (part == Part::kHearsFirst) {
      heard = co_await noise_.hear(socket, theirs.place);
      sent = co_await noise_.send_all(socket, mine.place, mine.count);
    } else if (part == Part::kBothAtOnce) {
      std::tie(sent, heard) =
          co_await (noise_.send_all(socket, mine.place, mine.count) && noise_.hear(socket, theirs.place));
    } else {
      std::tie(sent, heard) =
          co_await (noise_.send(socket, mine.place, mine.count) && noise_.hear(socket, theirs.place));
    }
    EXPECT_TRUE(heard.same);
    if (part == Part::kIsReset || part == Part::kIsLeft) {
      EXPECT_LE(heard.count, theirs.count / 2);
      // It must not pass for the whole. Where the writer was told of it, the reader hears an end.
      EXPECT_TRUE(part == Part::kIsLeft || sent || heard.error != asio::error::eof);
      co_return;
    }
    EXPECT_EQ(heard.count, theirs.count);
    EXPECT_EQ(heard.error, asio::error::eof) << heard.error.message();
    EXPECT_FALSE(sent) << sent.message();
  }

  Task<> accept() {
    for (;;) {
      auto [closed, socket] = co_await acceptor_.async_accept(kTuple);
      if (closed) break;
      start(server(std::move(socket)));
    }
  }

  Task<> server(tcp::socket socket) {
    std::uint32_t id = 0;
    auto [cut, count] = co_await asio::async_read(socket, asio::buffer(&id, sizeof id), kTuple);
    if (cut || id >= kTunnels) co_return;  // a late one
    co_await asio::async_write(socket, asio::buffer("!", 1), kTuple);
    co_await past_gate();
    co_await act(other(plans_[id].client), socket, down(id, plans_[id]), up(id, plans_[id]));
  }

  ProxyThread& proxy_;
  std::mt19937 dice_;
  test::Noise noise_;
  std::vector<Plan> plans_;
  asio::io_context io_;
  tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  asio::steady_timer gate_{io_};
  std::size_t running_ = 0;
  std::size_t standing_ = 0;
  std::size_t ended_ = 0;
  bool closed_ = false;
};

TEST(ProxyStorm, leaves_nothing_behind_of_2000_tunnels_that_end_badly_at_once) {
  // Four sockets a tunnel, all in this process, and two pipes while bytes are under way.
  if (!test::allow_files((kTunnels + kOthers) * 8)) GTEST_SKIP() << "the hard limit of open files is too low";
  const std::size_t before = test::open_files();
  const std::size_t pipes_before = test::open_files("pipe:");
  {
    ProxyThread proxy(roomy(), clients_that_reach({"127.0.0.0/8", "localhost"}));
    Storm(proxy, 1).rage();
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (proxy.connections() > 0 && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(10ms);
    EXPECT_EQ(proxy.connections(), 0U);
    EXPECT_LE(test::open_files("pipe:"), pipes_before + 2 * kKeptPipes) << "pipes that were not given back";
  }
  EXPECT_EQ(test::open_files(), before);
}

}  // namespace
}  // namespace pollux::egress

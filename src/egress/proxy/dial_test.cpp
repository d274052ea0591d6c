// SPDX-License-Identifier: Apache-2.0
// Targets that are dialed over real sockets: 127.0.0.1 and 127.0.0.2 are two addresses of one name.
#include "egress/proxy/dial.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "egress/proxy/answer.hpp"
#include "egress/proxy/served_proxy_test.hpp"
#include "tests/support/name_server.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::egress {
namespace {

using asio::ip::tcp;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kName = "api.example.gov";

class DialTest : public testing::Test {
 protected:
  DialTest() {
    dir_.write("resolv.conf", "nameserver 127.0.0.1\n");
    resolver_.emplace(NameServers{dir_ / "resolv.conf", server_.port(), 10min});
    server_.names[kName] = {{"127.0.0.1", "127.0.0.2"}};
    client_.name = "app";
    client_.allow = allowed({kName, "127.0.0.0/8"});
    // Nobody hears at this port of 127.0.0.1, for as long as it is bound here.
    dead_.open(tcp::v4());
    dead_.bind({asio::ip::address_v4::loopback(), 0});
  }

  std::uint16_t port() const { return dead_.local_endpoint().port(); }
  Task<Dialed> task() {
    return dial(*resolver_, options_, client_, target_ = {kName, port(), std::nullopt}, log_, asked_);
  }
  // Its stream must be gone before the io_context.
  Dialed dialed() { return test::run_task(io_, task(), 20s); }

  test::TempDir dir_;
  asio::io_context io_;
  test::NameServer server_{io_};
  std::optional<Resolver> resolver_;
  std::vector<std::string> lines_;
  Redactor redactor_;
  log::Logger logger_{log::Level::kDebug, log::Logger::Format::kJson, redactor_,
                      [this](log::Level, std::string_view line) { lines_.emplace_back(line); }};
  AccessLog log_{logger_};
  ProxyOptions options_;
  Client client_;
  Target target_;
  Asked asked_{"CONNECT", "192.0.2.7"};
  tcp::acceptor dead_{io_};
};

// It was an exception of another kind that nobody took: the client read nothing, the log had a fault.
TEST_F(DialTest, says_that_nobody_was_reached_where_all_of_several_addresses_are_dead) {
  const Dialed out = dialed();
  ASSERT_TRUE(out.error);
  EXPECT_FALSE(out.stream);
  EXPECT_EQ(out.error->message, std::string(kName) + ":" + std::to_string(port()) +
                                    " could not be reached at any of 2 addresses: Connection refused");
  EXPECT_EQ(not_reached(*out.error).result_int(), 502U);
  EXPECT_THAT(lines_, Contains(HasSubstr(R"("event":"egress_unreached")")));
  EXPECT_THAT(log_.metrics().text(0),
              HasSubstr(R"(pollux_egress_unreached_total{client="app",how="network"} 1)"));
}

TEST_F(DialTest, takes_the_second_address_where_the_first_is_dead) {
  tcp::acceptor alive(io_, {asio::ip::make_address("127.0.0.2"), port()});
  const Dialed out = dialed();
  ASSERT_TRUE(out.stream);
  ASSERT_TRUE(out.decision.address);
  EXPECT_EQ(out.decision.address->text(), "127.0.0.2");
}

// A listener whose queue is full hears no SYN (listen(2)): its address is silent, as behind a firewall.
TEST_F(DialTest, does_not_wait_for_an_address_that_is_silent) {
  dead_.listen(0);
  std::vector<tcp::socket> queue;
  for (int i = 0; i < 4; ++i) {
    tcp::socket& one = queue.emplace_back(io_);
    one.async_connect(dead_.local_endpoint(), asio::detached);
  }
  io_.run_for(100ms);
  tcp::acceptor alive(io_, {asio::ip::make_address("127.0.0.2"), port()});
  options_.connect_timeout = 10min;
  const Dialed out = dialed();
  ASSERT_TRUE(out.decision.address);
  EXPECT_EQ(out.decision.address->text(), "127.0.0.2");
}

TEST_F(DialTest, counts_nothing_against_a_target_when_it_is_stopped_itself) {
  server_.names[kName].says = test::NameServer::Says::kNothing;
  asio::cancellation_signal cancel;
  std::exception_ptr thrown;
  bool ended = false;
  asio::co_spawn(io_, task(), asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr e, auto&&) {
                   thrown = e;
                   ended = true;
                 }));
  while (server_.asked.empty()) ASSERT_GT(io_.run_one_for(20s), 0U);
  cancel.emit(asio::cancellation_type::terminal);
  while (!ended) ASSERT_GT(io_.run_one_for(20s), 0U);
  EXPECT_TRUE(thrown) << "nobody goes on with it";
  EXPECT_THAT(lines_, Contains(HasSubstr(R"("decision":"allow")")));
  EXPECT_THAT(lines_, Not(Contains(HasSubstr("egress_unreached"))));
  EXPECT_THAT(log_.metrics().text(0), Not(HasSubstr("unreached_total{")));
}

TEST_F(DialTest, counts_nothing_against_a_target_when_the_client_asks_for_too_many_names) {
  std::size_t ended = 0;
  for (std::size_t i = 0; i < Resolver::kMostOfOneClient; ++i) {
    const std::string name = "n" + std::to_string(i) + ".example";
    server_.names[name].says = test::NameServer::Says::kNothing;
    asio::co_spawn(io_, resolver_->resolve(client_.name, name, 10min),
                   [&](std::exception_ptr, auto&&) { ++ended; });
  }
  const Dialed out = dialed();
  ASSERT_TRUE(out.error);
  EXPECT_EQ(not_reached(*out.error).result_int(), 503U);
  EXPECT_THAT(lines_, Contains(AllOf(HasSubstr(R"("event":"egress_full")"), HasSubstr(kName))));
  const std::string metrics = log_.metrics().text(0);
  EXPECT_THAT(metrics, HasSubstr(R"(pollux_egress_refused_total{status="503"} 1)"));
  EXPECT_THAT(metrics, Not(HasSubstr("unreached_total{")));
  resolver_.reset();
  while (ended < Resolver::kMostOfOneClient) ASSERT_GT(io_.run_one_for(20s), 0U);
}

}  // namespace
}  // namespace pollux::egress

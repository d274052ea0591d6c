// SPDX-License-Identifier: Apache-2.0
// Names looked up over real sockets, at a name server that is told how to behave.
#include "egress/proxy/resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <optional>

#include "tests/support/name_server.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::egress {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;
using Says = test::NameServer::Says;
using Found = Result<std::vector<IpAddress>>;

class ResolverTest : public testing::Test {
 protected:
  ResolverTest() {
    name_servers({"127.0.0.1"});
    // c-ares itself gives up long after the test would have: what ends sooner was ended by the resolver.
    begin(10min);
  }

  void name_servers(std::initializer_list<std::string> addresses, const std::string& more = "") {
    std::string text;
    for (const auto& address : addresses) text += "nameserver " + address + "\n";
    dir_.write("resolv.conf", text + more);
  }
  void begin(Millis first_wait) {
    resolver_.emplace(NameServers{dir_ / "resolv.conf", server_.port(), first_wait});
  }

  Found ask(const std::string& name, Millis limit = 1min, const std::string& client = "anybody") {
    return test::run_task(io_, resolver_->resolve(client, name, limit));
  }
  // In the sorted text of each; an error is one text.
  std::vector<std::string> found(const std::string& name) {
    const Found addresses = ask(name);
    if (!addresses) return {addresses.error().message};
    std::vector<std::string> out;
    for (const IpAddress& address : *addresses) out.push_back(address.text());
    return out;
  }

  // A look-up under way, and how it ended once it has.
  struct Started {
    std::optional<Found> outcome;
    asio::cancellation_signal cancel;
  };
  std::unique_ptr<Started> start(const std::string& name, const std::string& client = "anybody",
                                 Millis limit = 1min) {
    auto started = std::make_unique<Started>();
    auto done = [out = started.get()](const std::exception_ptr& thrown, Found outcome) {
      if (!thrown) out->outcome = std::move(outcome);
    };
    asio::co_spawn(io_, resolver_->resolve(client, name, limit),
                   asio::bind_cancellation_slot(started->cancel.slot(), done));
    return started;
  }
  // Runs until something has happened; nothing that is waited for here may take minutes.
  template <class Condition>
  [[nodiscard]] bool until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    io_.restart();
    while (!condition() && io_.run_one_until(end) > 0) {
    }
    return condition();
  }
  std::string asked_at() const { return "asked 127.0.0.1 port " + std::to_string(server_.port()); }

  test::TempDir dir_;
  asio::io_context io_;
  test::NameServer server_{io_};
  std::optional<Resolver> resolver_;
};

TEST_F(ResolverTest, finds_the_addresses_of_both_families_each_once) {
  server_.names["api.example.gov"] = {{"192.0.2.1", "192.0.2.2", "192.0.2.1", "2001:db8::1"}};
  EXPECT_THAT(found("api.example.gov"), UnorderedElementsAre("192.0.2.1", "192.0.2.2", "2001:db8::1"));
}

TEST_F(ResolverTest, follows_an_alias) {
  server_.names["www.example.gov"] = {{"192.0.2.1"}, Says::kAddresses, "edge.example.net"};
  EXPECT_THAT(found("www.example.gov"), ElementsAre("192.0.2.1"));
}

TEST_F(ResolverTest, asks_again_over_tcp_where_udp_does_not_hold_the_answer) {
  std::vector<std::string> many;
  for (int i = 1; i <= 100; ++i) many.push_back("192.0.2." + std::to_string(i));
  server_.names["many.example.gov"] = {many, Says::kAddresses, "", true};
  EXPECT_EQ(found("many.example.gov").size(), 100U);
  EXPECT_THAT(server_.asked, testing::Contains("many.example.gov A over TCP"));
}

TEST_F(ResolverTest, says_what_came_back_and_whom_it_asked) {
  server_.names["empty.example.gov"] = {};
  server_.names["dangling.example.gov"] = {{}, Says::kAddresses, "gone.example.net"};
  server_.names["broken.example.gov"] = {{}, Says::kServerFailure};
  EXPECT_THAT(found("gone.example.gov"),
              ElementsAre("gone.example.gov cannot be resolved: no such name (NXDOMAIN), " + asked_at()));
  EXPECT_THAT(found("empty.example.gov"),
              ElementsAre(AllOf(HasSubstr("has no addresses"), HasSubstr(asked_at()))));
  EXPECT_THAT(found("dangling.example.gov"), ElementsAre(HasSubstr("has no addresses")));
  EXPECT_THAT(found("broken.example.gov"), ElementsAre(AllOf(HasSubstr("SERVFAIL"), HasSubstr(asked_at()))));
  EXPECT_EQ(ask("broken.example.gov").error().kind, ErrorKind::kNetwork);
}

TEST_F(ResolverTest, reads_the_hosts_file_first) {
  EXPECT_THAT(found("localhost"), testing::Contains("127.0.0.1"));
  EXPECT_THAT(server_.asked, IsEmpty());
}

TEST_F(ResolverTest, looks_a_name_up_as_it_stands) {
  name_servers({"127.0.0.1"}, "search evil.example corp.example\noptions ndots:5\n");
  server_.names["api.example.gov.evil.example"] = {{"192.0.2.66"}};
  server_.names["intranet.evil.example"] = {{"192.0.2.66"}};
  EXPECT_THAT(found("api.example.gov"), ElementsAre(HasSubstr("NXDOMAIN")));
  EXPECT_THAT(found("intranet"), ElementsAre(HasSubstr("NXDOMAIN")));
  EXPECT_THAT(server_.asked, Each(testing::AnyOf(testing::StartsWith("api.example.gov A"),
                                                 testing::StartsWith("intranet A"))));
}

TEST_F(ResolverTest, asks_whom_resolv_conf_names_now) {
  server_.names["api.example.gov"] = {{"192.0.2.1"}};
  test::NameServer other(io_, "127.0.0.2", server_.port());
  other.names["api.example.gov"] = {{"192.0.2.2"}};
  EXPECT_THAT(found("api.example.gov"), ElementsAre("192.0.2.1"));
  name_servers({"127.0.0.2"});
  EXPECT_THAT(found("api.example.gov"), ElementsAre("192.0.2.2"));
}

TEST_F(ResolverTest, asks_the_next_server_when_one_is_silent_or_fails) {
  begin(50ms);
  name_servers({"127.0.0.1", "127.0.0.2"});
  server_.names["silent.example.gov"] = {{}, Says::kNothing};
  server_.names["broken.example.gov"] = {{}, Says::kServerFailure};
  test::NameServer other(io_, "127.0.0.2", server_.port());
  other.names["silent.example.gov"] = {{"192.0.2.2"}};
  other.names["broken.example.gov"] = {{"192.0.2.3"}};
  EXPECT_THAT(found("silent.example.gov"), ElementsAre("192.0.2.2"));
  EXPECT_THAT(found("broken.example.gov"), ElementsAre("192.0.2.3"));
}

TEST_F(ResolverTest, uses_one_family_where_nobody_answers_for_the_other) {
  begin(50ms);
  server_.names["half.example.gov"] = {{"192.0.2.1"}, Says::kAddresses, "", false, true};
  EXPECT_THAT(found("half.example.gov"), ElementsAre("192.0.2.1"));
}

TEST_F(ResolverTest, gives_up_by_itself_when_nobody_answers) {
  begin(50ms);
  server_.names["silent.example.gov"] = {{}, Says::kNothing};
  const Found outcome = ask("silent.example.gov");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kTimeout);
  EXPECT_EQ(outcome.error().message, "silent.example.gov cannot be resolved: no answer, " + asked_at());
}

TEST_F(ResolverTest, keeps_the_deadline_of_a_name_that_nobody_answers_for) {
  server_.names["silent.example.gov"] = {{}, Says::kNothing};
  const Found outcome = ask("silent.example.gov", 100ms);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kTimeout);
  EXPECT_THAT(outcome.error().message, AllOf(HasSubstr("no answer within"), HasSubstr(asked_at())));
}

TEST_F(ResolverTest, bounds_the_names_of_one_client_and_holds_up_no_other) {
  server_.names["api.example.gov"] = {{"192.0.2.1"}};
  std::vector<std::unique_ptr<Started>> slow;
  for (std::size_t i = 0; i < Resolver::kMostOfOneClient; ++i) {
    const std::string name = "slow" + std::to_string(i) + ".example.gov";
    server_.names[name] = {{}, Says::kNothing};
    slow.push_back(start(name, "greedy"));
  }
  ASSERT_TRUE(until([&] { return server_.asked.size() == 2 * Resolver::kMostOfOneClient; }));
  const Found more = ask("api.example.gov", 1min, "greedy");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().kind, ErrorKind::kBusy);
  EXPECT_THAT(more.error().message, AllOf(HasSubstr("api.example.gov"), HasSubstr("greedy has 64 names")));
  EXPECT_TRUE(ask("api.example.gov", 1min, "modest"));
  for (const auto& one : slow) EXPECT_FALSE(one->outcome);

  slow.front()->cancel.emit(asio::cancellation_type::terminal);
  ASSERT_TRUE(until([&] { return slow.front()->outcome.has_value(); }));
  EXPECT_TRUE(ask("api.example.gov", 1min, "greedy")) << "the place of what was let go of is free";
  resolver_.reset();
  ASSERT_TRUE(until([&] { return slow.back()->outcome.has_value(); }));
}

TEST_F(ResolverTest, asks_once_for_all_who_wait_for_the_same_name) {
  server_.names["api.example.gov"] = {{}, Says::kNothing};
  const auto first = start("api.example.gov");
  const auto second = start("api.example.gov", "another");
  const auto hasty = start("api.example.gov", "hasty", 20ms);
  ASSERT_TRUE(until([&] { return hasty->outcome.has_value(); }));
  EXPECT_EQ(hasty->outcome->error().kind, ErrorKind::kTimeout);
  first->cancel.emit(asio::cancellation_type::terminal);
  ASSERT_TRUE(until([&] { return first->outcome.has_value(); }));
  EXPECT_FALSE(second->outcome) << "who began has left; who came after still waits";
  EXPECT_THAT(server_.asked, UnorderedElementsAre("api.example.gov A", "api.example.gov AAAA"));

  resolver_.reset();
  ASSERT_TRUE(until([&] { return second->outcome.has_value(); }));
}

TEST_F(ResolverTest, lets_go_at_once_when_canceled) {
  server_.names["silent.example.gov"] = {{}, Says::kNothing};
  const auto started = start("silent.example.gov");
  ASSERT_TRUE(until([&] { return server_.asked.size() == 2; }));
  started->cancel.emit(asio::cancellation_type::terminal);
  ASSERT_TRUE(until([&] { return started->outcome.has_value(); }));
  EXPECT_EQ(started->outcome->error().kind, ErrorKind::kCanceled);
  server_.names["silent.example.gov"] = {{"192.0.2.1"}};
  EXPECT_THAT(found("silent.example.gov"), ElementsAre("192.0.2.1")) << "it was not joined, but asked anew";
}

TEST_F(ResolverTest, ends_those_who_wait_when_it_ends) {
  server_.names["silent.example.gov"] = {{}, Says::kNothing};
  const auto started = start("silent.example.gov");
  ASSERT_TRUE(until([&] { return server_.asked.size() == 2; }));
  resolver_.reset();
  ASSERT_TRUE(until([&] { return started->outcome.has_value(); }));
  EXPECT_EQ(started->outcome->error().kind, ErrorKind::kCanceled);
}

// What the sanitizers look at: the sockets are c-ares's, and Asio's descriptors only watch them.
TEST_F(ResolverTest, may_be_left_in_the_middle_of_everything) {
  auto io = std::make_unique<asio::io_context>();
  auto server = std::make_unique<test::NameServer>(*io);
  server->names["silent.example.gov"] = {{}, Says::kNothing};
  server->names["cut.example.gov"] = {{"192.0.2.1"}, Says::kAddresses, "", true};
  Resolver resolver(NameServers{dir_ / "resolv.conf", server->port(), 10min});
  auto done = [](const std::exception_ptr&, const Found&) { FAIL() << "it was left"; };
  for (const char* name : {"silent.example.gov", "cut.example.gov"})
    asio::co_spawn(*io, resolver.resolve("anybody", name, 1min), done);
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (server->asked.size() < 4 && io->run_one_until(end) > 0) {
  }
  EXPECT_EQ(server->asked.size(), 4U);
  server.reset();
  io.reset();
}

}  // namespace
}  // namespace pollux::egress

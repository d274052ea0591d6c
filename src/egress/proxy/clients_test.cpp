// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/clients.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace pollux::egress {
namespace {

ProxyClient client(const std::string& name, const std::string& user, const std::string& password) {
  ProxyClient out;
  out.policy.name = name;
  out.user = user;
  out.password = Secret(password);
  return out;
}

std::string basic(const std::string& text) { return "Basic " + base64(text); }

std::string name_of(const ProxyClient* found) { return found == nullptr ? "(nobody)" : found->policy.name; }

std::vector<ProxyClient> two() {
  std::vector<ProxyClient> out;
  out.push_back(client("poller", "poll", "one two:three"));
  out.push_back(client("backup", "back", "four"));
  return out;
}

TEST(Clients, are_known_by_user_and_password) {
  const Clients clients(two());
  EXPECT_TRUE(clients.ask_for_credentials());
  EXPECT_EQ(name_of(clients.find(basic("poll:one two:three"))), "poller");
  EXPECT_EQ(name_of(clients.find("bASIC   " + base64("back:four") + " ")), "backup");
}

TEST(Clients, are_nobody_with_anything_else) {
  const Clients clients(two());
  for (const std::string& header :
       {std::string(), basic("poll:one two"), basic("poll:"), basic("poll"), basic(":"),
        basic("back:one two:three"), basic("nobody:no password at all"), basic("POLL:one two:three"),
        std::string("Basic"), std::string("Basic "), std::string("Basic !!!"),
        std::string("Bearer ") + base64("poll:one two:three"), base64("poll:one two:three")}) {
    EXPECT_EQ(name_of(clients.find(header)), "(nobody)") << header;
  }
}

TEST(Clients, may_be_one_that_needs_no_credentials) {
  std::vector<ProxyClient> all = two();
  all.push_back(client("anybody", "", ""));
  const Clients clients(std::move(all));
  EXPECT_FALSE(clients.ask_for_credentials());
  EXPECT_EQ(name_of(clients.find("")), "anybody");
  EXPECT_EQ(name_of(clients.find(basic("back:four"))), "backup");
  EXPECT_EQ(name_of(clients.find(basic("back:wrong"))), "(nobody)") << "wrong ones are not as good as none";
}

}  // namespace
}  // namespace pollux::egress

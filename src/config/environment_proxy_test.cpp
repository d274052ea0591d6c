// SPDX-License-Identifier: Apache-2.0
#include "config/environment_proxy.hpp"

#include <gmock/gmock.h>

#include <map>

namespace pollux::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ProxyVariables variables(const std::map<std::string, std::string>& set) {
  return proxy_variables([&](const std::string& name) {
    auto found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional(found->second);
  });
}

TEST(ProxyVariables, are_taken_by_scheme_and_else_from_all_proxy) {
  auto read = variables({{"HTTPS_PROXY", "http://s:1"}, {"ALL_PROXY", "http://a:2"}, {"NO_PROXY", "x"}});
  EXPECT_EQ(read.https, "http://s:1");
  EXPECT_EQ(read.http, "http://a:2");
  EXPECT_EQ(read.exceptions, "x");
  EXPECT_THAT(read.contradictions, IsEmpty());
}

TEST(ProxyVariables, in_lower_case_win_and_the_contradiction_is_told) {
  auto read = variables({{"https_proxy", "http://s:1"},
                         {"HTTPS_PROXY", "http://s:2"},
                         {"http_proxy", ""},
                         {"HTTP_PROXY", "http://h:3"},
                         {"no_proxy", "a"},
                         {"NO_PROXY", "a"}});
  EXPECT_EQ(read.https, "http://s:1");
  EXPECT_EQ(read.http, "http://h:3");
  EXPECT_THAT(read.contradictions, ElementsAre("https_proxy and HTTPS_PROXY"));
}

TEST(ProxyExceptions, are_parted_by_commas_and_spaces) {
  EXPECT_THAT(split_exceptions(" a, b c,,\td "), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(split_exceptions(" , "), IsEmpty());
}

struct Case {
  const char* exception;
  const char* url;
  bool excepted;
};

TEST(ProxyExceptions, match_hosts_domains_addresses_and_ports) {
  const Case cases[] = {
      {"*", "http://anything.example", true},
      {"api.example", "https://api.example/path", true},
      {"API.Example", "https://api.EXAMPLE", true},
      {"api.example", "https://api.example.:443", true},
      {"api.example.", "https://api.example", true},
      {"example", "https://deep.api.example", true},
      {"example", "https://notexample", false},
      {"ample", "https://api.example", false},
      {".example", "https://api.example", true},
      {".example", "https://example", false},
      {"*.example", "https://api.example", true},
      {"*.example", "https://example", false},
      {"api.example:8443", "https://api.example:8443", true},
      {"api.example:8443", "https://api.example", false},
      {"api.example:443", "https://api.example", true},
      {"api.example:80", "http://api.example", true},
      {".example:443", "https://api.example", true},
      {"10.1.2.3", "http://10.1.2.3:8080", true},
      {"10.1.2.3:8080", "http://10.1.2.3:8080", true},
      {"10.1.2.3:80", "http://10.1.2.3:8080", false},
      {"3", "http://10.1.2.3", false},
      {"2.3", "http://10.1.2.3", false},
      {"::1", "http://[::1]:80", true},
      {"[::1]", "http://[::1]", true},
      {"[::1]:80", "http://[::1]", true},
      {"[::1]:81", "http://[::1]", false},
      {"0:0:0:0:0:0:0:1", "http://[::1]", true},
      {"localhost", "http://127.0.0.1", false},
      {"127.0.0.1", "http://localhost", false},
      {"api.example", "https://user:pw@api.example/", true},
      {"user", "https://user:pw@api.example/", false},
      {"api.example", "not an address", false},
  };
  for (const Case& one : cases)
    EXPECT_EQ(is_excepted(one.exception, one.url), one.excepted) << one.exception << " for " << one.url;
}

// NO_PROXY=10.0.0.0/8 was compared as a text: every request to the network inside went to the proxy.
TEST(Complaint, fluent_bit_6242_no_proxy_did_not_know_ranges_of_addresses) {
  const Case cases[] = {
      {"10.0.0.0/8", "http://10.200.3.4:2020", true},
      {"10.0.0.0/8", "http://11.0.0.1", false},
      {"10.0.0.0/8", "http://10.example", false},
      {"192.168.4.0/22", "https://192.168.7.255", true},
      {"192.168.4.0/22", "https://192.168.8.0", false},
      {"192.168.4.77/22", "https://192.168.5.1", true},
      {"1.2.3.4/32", "https://1.2.3.4", true},
      {"1.2.3.4/32", "https://1.2.3.5", false},
      {"0.0.0.0/0", "https://1.2.3.4", true},
      {"0.0.0.0/0", "https://[2001:db8::1]", false},
      {"::/0", "https://[2001:db8::1]", true},
      {"2001:db8::/33", "https://[2001:db8:7fff::1]", true},
      {"2001:db8::/33", "https://[2001:db8:8000::1]", false},
      {"[fd00::]/8", "https://[fdab::1]", true},
      {"10.0.0.0/8", "https://[::ffff:10.1.1.1]", true},
      {"169.254.0.0/16", "http://169.254.169.254/latest", true},
  };
  for (const Case& one : cases)
    EXPECT_EQ(is_excepted(one.exception, one.url), one.excepted) << one.exception << " for " << one.url;
}

TEST(ProxyExceptions, that_can_never_match_are_known) {
  for (const char* good : {"*", "a", ".a", "*.a", "a:1", "1.2.3.4", "1.2.3.4/0", "::1", "[::1]:1", "::/128"})
    EXPECT_TRUE(can_match(good)) << good;
  for (const char* bad : {"",         ".",        "a*",    "*a",  "a/8",     "1.2.3.4/33", "1.2.3.4/",
                          "1.2.3/8",  "::/129",   "a:",    "a:x", "a:70000", "[::1",       "[a]",
                          "http://a", ".1.2.3.4", "1:2:3", "..a", "/",       "a:1:b"})
    EXPECT_FALSE(can_match(bad)) << bad;
}

TEST(ProxyFor, takes_the_proxy_of_the_scheme_unless_the_host_is_excepted) {
  EnvironmentProxy environment{Secret("http://h:1"), Secret("http://s:1"), {"inside.example", "10.0.0.0/8"}};
  EXPECT_EQ(proxy_for(environment, "http://api.example"), Secret("http://h:1"));
  EXPECT_EQ(proxy_for(environment, "https://api.example"), Secret("http://s:1"));
  EXPECT_EQ(proxy_for(environment, "HTTPS://api.example"), Secret("http://s:1"));
  EXPECT_EQ(proxy_for(environment, "https://10.1.2.3"), std::nullopt);
  EXPECT_EQ(proxy_for(environment, "https://a.inside.example"), std::nullopt);
}

// Go leaves the proxy out for localhost and loopback addresses, curl does not. Neither do we: who wants it
// says so in NO_PROXY.
TEST(ProxyFor, makes_no_exception_for_loopback_of_its_own) {
  EnvironmentProxy environment{Secret("http://h:1"), std::nullopt, {}};
  EXPECT_EQ(proxy_for(environment, "http://127.0.0.1"), Secret("http://h:1"));
  EXPECT_EQ(proxy_for(environment, "http://localhost"), Secret("http://h:1"));
  EXPECT_EQ(proxy_for(environment, "https://localhost"), std::nullopt) << "no proxy is set for https";
}

}  // namespace
}  // namespace pollux::config

// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/answer_origin.hpp"

#include <gmock/gmock.h>

namespace pollux::fetch {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

Error plain(int status) {
  return Error{ErrorKind::kStatus, std::to_string(status) + " from a.example", {}, {}};
}

TEST(Explained, tells_a_proxys_own_refusal_from_the_upstreams) {
  net::HttpResponse answer{403, {{"X-Squid-Error", "ERR_ACCESS_DENIED 0"}}, "<html>"};
  auto error = explained(plain(403), answer, true);
  EXPECT_EQ(error.kind, ErrorKind::kProxy);
  EXPECT_THAT(error.message, HasSubstr("the proxy answered 403 itself: ERR_ACCESS_DENIED 0"));
  EXPECT_THAT(error.message, EndsWith("it does not let this host through"));
  // Through a tunnel the header is the upstream's: it may stand behind a Squid of its own.
  EXPECT_EQ(explained(plain(403), answer, false).message, "403 from a.example");
}

TEST(Explained, reads_why_a_proxy_refused_where_no_other_can_have_said_it) {
  net::HttpResponse answer{
      403, {{"Proxy-Status", R"(pollux; error=http_request_denied; details="not_allowed")"}}, "{}"};
  auto error = explained(plain(403), answer, true);
  EXPECT_EQ(error.kind, ErrorKind::kProxy);
  EXPECT_EQ(
      error.message,
      "the proxy answered 403 itself: not_allowed (http_request_denied); it does not let this host through");
  answer.status = 502;
  EXPECT_EQ(explained(plain(502), answer, true).kind, ErrorKind::kStatus) << "it tried: nothing is refused";
  EXPECT_EQ(explained(plain(403), answer, false).message, "403 from a.example");
  answer.headers.emplace_back("Via", "1.1 pollux");
  EXPECT_EQ(explained(plain(403), answer, true).message, "403 from a.example")
      << "a CDN before the API says so";
}

TEST(Explained, tells_that_a_client_certificate_is_wanted_or_not_accepted) {
  net::HttpResponse answer{400, {}, "<center>No required SSL certificate was sent</center>"};
  EXPECT_EQ(explained(plain(400), answer, false).kind, ErrorKind::kTls);
  EXPECT_THAT(explained(plain(400), answer, false).message, HasSubstr("`tls: { certificate"));
  answer.body = "<center>The SSL certificate error</center>";
  EXPECT_THAT(explained(plain(400), answer, false).message,
              HasSubstr("does not accept the client certificate"));
}

TEST(Explained, leaves_every_other_error_as_it_is) {
  net::HttpResponse answer{400, {}, "{\"error\":\"bad date\"}"};
  EXPECT_EQ(explained(plain(400), answer, true).message, "400 from a.example");
  answer = {503, {}, "No required SSL certificate was sent"};
  EXPECT_EQ(explained(plain(503), answer, true).kind, ErrorKind::kStatus);
}

TEST(Explained, takes_no_line_break_from_a_header_into_a_message) {
  net::HttpResponse answer{502, {{"X-Squid-Error", std::string("ERR\x01\xFFX") + std::string(300, 'y')}}, ""};
  auto error = explained(plain(502), answer, true);
  EXPECT_THAT(error.message, HasSubstr("ERR??X"));
  EXPECT_THAT(error.message, Not(HasSubstr(std::string(120, 'y'))));
}

}  // namespace
}  // namespace pollux::fetch

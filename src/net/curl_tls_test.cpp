// SPDX-License-Identifier: Apache-2.0
// CurlClient against Debian's nginx: HTTP/2, client certificates, versions of TLS, whom to trust.
#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <set>

#include "net/ca_bundle.hpp"
#include "net/curl_client.hpp"
#include "net/curl_error.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/peers.hpp"
#include "tests/support/recording_proxy.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::net {
namespace {

using test::Authority;
using test::Nginx;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class CurlTls : public testing::Test {
 protected:
  void SetUp() override {
    POLLUX_NEEDS_PROGRAM("nginx");
    dir_.write("ca.pem", authority_.certificate());
  }

  // nginx with a certificate of the test's authority, which answers 200 to everything.
  Nginx::Options serving(std::string more = "", std::string listen = "ssl http2") const {
    return {
        std::move(listen), "location / { return 200 'well\\n'; } " + more, authority_.issue("server"), {}};
  }
  Nginx::Options wanting_certificates() const {
    auto options = serving("ssl_client_certificate clients.pem; ssl_verify_client on;");
    options.files["clients.pem"] = authority_.certificate();
    return options;
  }

  HttpRequest request(const Nginx& nginx, const std::string& path = "/") const {
    HttpRequest out;
    out.url = "https://" + nginx.address() + path;
    out.way.ca_file = dir_ / "ca.pem";
    return out;
  }
  ClientCertificate shown(const std::string& name, const test::Identity& identity) const {
    return {dir_.write(name + ".pem", identity.certificate), dir_.write(name + ".key", identity.key), {}};
  }
  Result<HttpResponse> send(HttpRequest request) {
    return test::run_task(io_, curl_.send(std::move(request)));
  }
  Error failed(HttpRequest request) {
    auto answer = send(std::move(request));
    return answer ? Error{ErrorKind::kInternal, "an answer: " + std::to_string(answer->status), {}, {}}
                  : answer.error();
  }
  // All at the same time; how many of them were answered with 200.
  int send_together(const HttpRequest& one, int count) {
    int well = 0;
    for (int i = 0; i < count; ++i) {
      asio::co_spawn(io_, curl_.send(one), [&](const std::exception_ptr&, Result<HttpResponse> answer) {
        if (answer && answer->status == 200) ++well;
      });
    }
    io_.restart();
    io_.run_for(std::chrono::seconds(30));
    return well;
  }

  asio::io_context io_;
  CurlClient curl_{io_};
  Authority authority_;
  test::TempDir dir_;
};

TEST_F(CurlTls, speaks_http_2_where_it_is_offered) {
  Nginx nginx(serving("ssl_protocols TLSv1.2 TLSv1.3;"));
  auto answer = send(request(nginx));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "well\n");
  ASSERT_THAT(nginx.seen(), SizeIs(1));
  EXPECT_EQ(nginx.seen()[0].protocol, "HTTP/2.0");
  EXPECT_EQ(nginx.seen()[0].tls, "TLSv1.3");
}

TEST_F(CurlTls, speaks_http_1_where_nothing_newer_is_offered) {
  Nginx nginx(serving("", "ssl"));
  ASSERT_TRUE(send(request(nginx)));
  EXPECT_EQ(nginx.seen().at(0).protocol, "HTTP/1.1");
}

// Without waiting for the first connection there would be one handshake for each request.
TEST_F(CurlTls, carries_requests_of_one_host_over_one_connection) {
  Nginx nginx(serving());
  EXPECT_EQ(send_together(request(nginx), 20), 20);
  std::set<std::string> connections;
  for (const auto& seen : nginx.seen(20)) connections.insert(seen.connection);
  EXPECT_THAT(connections, SizeIs(1));
}

TEST_F(CurlTls, is_not_held_up_by_waiting_where_only_http_1_is_spoken) {
  Nginx nginx(serving("", "ssl"));
  EXPECT_EQ(send_together(request(nginx), 20), 20);
  EXPECT_THAT(nginx.seen(20), Each(Field(&Nginx::Seen::protocol, "HTTP/1.1")));
}

// keepalive_requests: after so many nginx says GOAWAY and ends the connection (RFC 9113, 6.8).
TEST_F(CurlTls, goes_on_over_a_new_connection_when_a_server_says_goaway) {
  Nginx nginx(serving("keepalive_requests 3;"));
  for (int i = 0; i < 10; ++i) {
    auto answer = send(request(nginx));
    ASSERT_TRUE(answer) << i << ": " << answer.error().message;
  }
  EXPECT_THAT(nginx.seen(10), AllOf(SizeIs(10), Each(Field(&Nginx::Seen::protocol, "HTTP/2.0"))));
}

TEST_F(CurlTls, says_that_a_broken_stream_may_pass) {
  auto options = serving("location /broken { return 444; }");
  Nginx nginx(options);
  auto error = failed(request(nginx, "/broken"));
  EXPECT_EQ(error.kind, ErrorKind::kNetwork) << error.message;
  EXPECT_EQ(error.retry, Retry::later());
}

TEST_F(CurlTls, shows_the_client_certificate) {
  Nginx nginx(wanting_certificates());
  auto asked = request(nginx);
  asked.way.certificate = shown("poller", authority_.issue("poller"));
  auto answer = send(asked);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(nginx.seen().at(0).client, "CN=poller");
}

TEST_F(CurlTls, opens_an_encrypted_key_and_never_asks_a_terminal_for_its_password) {
  Nginx nginx(wanting_certificates());
  auto identity = authority_.issue("poller");
  identity.key = Authority::encrypted(identity, "open sesame");
  auto asked = request(nginx);
  asked.way.certificate = shown("poller", identity);
  auto error = failed(asked);
  EXPECT_EQ(error.kind, ErrorKind::kTls) << error.message;
  EXPECT_EQ(error.retry, Retry::never());
  EXPECT_THAT(error.message, HasSubstr("key_password"));
  asked.way.certificate->key_password = Secret("open barley");
  EXPECT_THAT(failed(asked).message, AllOf(HasSubstr("key_password"), Not(HasSubstr("barley"))));
  asked.way.certificate->key_password = Secret("open sesame");
  EXPECT_TRUE(send(asked));
}

TEST_F(CurlTls, is_told_by_the_server_that_a_certificate_is_missing_wrong_or_expired) {
  Nginx nginx(wanting_certificates());
  EXPECT_THAT(send(request(nginx))->body, HasSubstr("No required SSL certificate was sent"));
  Authority stranger("Stranger");
  for (auto identity : {stranger.issue("poller"), authority_.issue("poller", {}, true)}) {
    auto asked = request(nginx);
    asked.way.certificate = shown("other", identity);
    CurlClient fresh(io_);  // the files have the same names
    auto answer = test::run_task(io_, fresh.send(asked));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 400);
    EXPECT_THAT(answer->body, HasSubstr("The SSL certificate error"));
  }
}

// A connection is authenticated as a whole: whoever used another's would be taken for it.
TEST_F(CurlTls, never_sends_over_the_connection_of_another_certificate) {
  Nginx nginx(wanting_certificates());
  auto one = request(nginx, "/one"), two = request(nginx, "/two"), none = request(nginx, "/none");
  one.way.certificate = shown("one", authority_.issue("one"));
  two.way.certificate = shown("two", authority_.issue("two"));
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(send(one)->status, 200);
    EXPECT_EQ(send(two)->status, 200);
    EXPECT_EQ(send(none)->status, 400);
  }
  std::set<std::string> connections;
  for (const auto& seen : nginx.seen(6)) {
    if (seen.uri == "/none") continue;
    EXPECT_EQ("CN=" + seen.uri.substr(1), seen.client);
    connections.insert(seen.connection);
  }
  EXPECT_THAT(connections, SizeIs(2)) << "and each used its own again";
}

TEST_F(CurlTls, does_not_show_the_certificate_to_a_host_that_a_redirect_leads_to) {
  auto other_options = serving("ssl_client_certificate clients.pem; ssl_verify_client optional_no_ca;");
  other_options.files["clients.pem"] = authority_.certificate();
  Nginx other(other_options);
  Nginx first({"ssl http2",
               "location / { return 302 https://" + other.address() + "/there; }",
               authority_.issue("server"),
               {}});
  auto asked = request(first);
  asked.redirects = HttpRequest::Redirects::kAny;
  asked.way.certificate = shown("poller", authority_.issue("poller"));
  ASSERT_EQ(send(asked)->status, 200);
  EXPECT_EQ(other.seen().at(0).client, "-");
}

// A tunnel belongs to whoever the proxy let through.
TEST_F(CurlTls, never_sends_through_the_tunnel_of_another_proxy_user) {
  Nginx nginx(serving());
  test::RecordingProxy proxy("first:pass-word-1");
  auto first = request(nginx), second = request(nginx);
  const std::string address = "@127.0.0.1:" + std::to_string(proxy.port());
  first.way.proxy = Secret("http://first:pass-word-1" + address);
  second.way.proxy = Secret("http://second:pass-word-2" + address);
  ASSERT_TRUE(send(first));
  auto error = failed(second);
  EXPECT_EQ(error.kind, ErrorKind::kProxy) << error.message;
  EXPECT_THAT(error.message,
              AllOf(HasSubstr("407"), HasSubstr("user and password"), Not(HasSubstr("pass-word"))));
  ASSERT_TRUE(send(first));
  EXPECT_THAT(proxy.requests(), SizeIs(2)) << "the first one's tunnel was kept for itself";
}

TEST_F(CurlTls, speaks_no_tls_older_than_asked_for) {
  Nginx nginx(serving("ssl_protocols TLSv1.2;"));
  auto asked = request(nginx);
  ASSERT_TRUE(send(asked));
  EXPECT_EQ(nginx.seen().at(0).tls, "TLSv1.2");
  asked.way.tls_at_least = TlsVersion::k13;
  auto error = failed(asked);
  EXPECT_EQ(error.kind, ErrorKind::kTls);
  EXPECT_EQ(error.retry, Retry::never());
  EXPECT_THAT(error.message, AllOf(HasSubstr(nginx.address()), HasSubstr("asks for TLS 1.3")));
}

TEST_F(CurlTls, never_speaks_tls_1_1) {
  Nginx nginx(serving("ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;"));
  auto error = failed(request(nginx));
  EXPECT_EQ(error.kind, ErrorKind::kTls);
  EXPECT_THAT(error.message, HasSubstr("nothing as new as TLS 1.2"));
}

TEST_F(CurlTls, trusts_nobody_that_is_not_named) {
  Nginx nginx(serving());
  auto asked = request(nginx);
  asked.way.ca_file.reset();
  auto error = failed(asked);
  EXPECT_EQ(error.kind, ErrorKind::kTls);
  EXPECT_EQ(error.retry, Retry::never());
  EXPECT_THAT(error.message, HasSubstr("`ca_file` names it"));
}

TEST_F(CurlTls, does_not_knock_again_where_the_certificate_is_for_another_name) {
  Nginx nginx(serving());
  test::RecordingProxy proxy("", {{"other.example", "127.0.0.1"}});
  auto asked = request(nginx);
  asked.url = "https://other.example:" + std::to_string(nginx.port()) + "/";
  asked.way.proxy = Secret("http://127.0.0.1:" + std::to_string(proxy.port()));
  auto error = failed(asked);
  EXPECT_EQ(error.kind, ErrorKind::kTls);
  EXPECT_EQ(error.retry, Retry::never()) << error.message;
}

TEST_F(CurlTls, knocks_again_where_a_handshake_was_cut_off) {
  test::Listener listener([](test::Socket) -> Task<> { co_return; });
  HttpRequest asked;
  asked.url = "https://127.0.0.1:" + std::to_string(listener.port()) + "/";
  auto error = failed(asked);
  EXPECT_EQ(error.kind, ErrorKind::kTls) << error.message;
  EXPECT_EQ(error.retry, Retry::later());
}

TEST_F(CurlTls, trusts_the_platforms_cas_besides_the_systems_but_not_besides_a_ca_file) {
  Nginx nginx(serving());
  dir_.write("platform/ca.crt", authority_.certificate());
  auto bundle = CaBundle::make(dir_ / "platform");
  ASSERT_TRUE(bundle) << bundle.error().message;
  CurlClient curl(io_, {.system_cas = *bundle});
  auto asked = request(nginx);
  asked.way.ca_file.reset();
  auto answer = test::run_task(io_, curl.send(asked));
  EXPECT_TRUE(answer) << answer.error().message;
  asked.way.ca_file = dir_.write("stranger.pem", Authority("Stranger").certificate());
  EXPECT_FALSE(test::run_task(io_, curl.send(asked)));
}

TEST(TlsAdvice, says_what_to_do_about_the_words_of_openssl) {
  auto k12 = TlsVersion::k12;
  EXPECT_THAT(tls_advice("tlsv1 alert protocol version", TlsVersion::k13), HasSubstr("asks for TLS 1.3"));
  EXPECT_THAT(tls_advice("tlsv13 alert certificate required", k12), HasSubstr("want a client certificate"));
  EXPECT_THAT(tls_advice("tlsv1 alert unknown ca", k12), HasSubstr("does not accept the client certificate"));
  EXPECT_THAT(tls_advice("sslv3 alert certificate expired", k12), HasSubstr("does not accept"));
  EXPECT_EQ(tls_advice("SSL certificate problem: certificate has expired", k12), "");
}

}  // namespace
}  // namespace pollux::net

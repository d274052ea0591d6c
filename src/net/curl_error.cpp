// SPDX-License-Identifier: Apache-2.0
#include "net/curl_error.hpp"

#include <fmt/format.h>

#include "net/proxy_status.hpp"

namespace pollux::net {
namespace {

bool holds(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// Whose words and whose fault they are; made once for each failed transfer.
class Verdict {
 public:
  explicit Verdict(const FailedTransfer& failed)
      : failed_(failed),
        host_(host_of(failed.request->url)),
        proxy_url_(failed.request->way.proxy ? failed.request->way.proxy->reveal() : ""),
        proxy_(host_of(proxy_url_)),
        reason_(failed.reason.empty() ? curl_easy_strerror(failed.code) : failed.reason) {
    curl_easy_getinfo(failed.easy, CURLINFO_HTTP_CONNECTCODE, &connect_status_);
  }

  Error error() const {
    if (failed_.sent_again) return ended_under_request();
    if (proxied() && tunnels() && connect_status_ >= 300) return refused_tunnel();
    if (failed_.too_large || failed_.code == CURLE_FILESIZE_EXCEEDED) {
      return make(ErrorKind::kTooLarge, Retry::never(),
                  fmt::format("the answer of {} is larger than {}", host_,
                              describe_bytes(failed_.request->max_body)));
    }
    if (failed_.code == CURLE_PROXY) return refused_by_socks();
    if (awaited_tunnel()) {
      return make(
          ErrorKind::kTimeout, Retry::later(),
          fmt::format("the egress proxy {} did not answer when asked for {}: {}", proxy_, host_, reason_));
    }
    const bool of_tls = is_tls();
    if (on_the_way_to_proxy() && !(of_tls && lasts())) return unreachable_proxy();
    return of_tls ? tls() : of_code();
  }

 private:
  static Error make(ErrorKind kind, Retry retry, std::string message) {
    return Error{kind, std::move(message), retry, {}};
  }
  bool proxied() const { return !proxy_url_.empty(); }
  bool tunnels() const { return failed_.request->url.starts_with("https:"); }

  // The server may have it, so it is not kProxy, of which nothing has left. Which of the two ended a tunnel
  // cannot be known: the message names both.
  Error ended_under_request() const {
    const std::string through = proxied() ? fmt::format(" through the egress proxy {}", proxy_) : "";
    return make(ErrorKind::kNetwork, Retry::later(),
                fmt::format("a kept connection to {}{} ended before it answered", host_, through));
  }

  // A CONNECT was sent, and nothing has come: the proxy may be slow, or what lies beyond it. curl tells it
  // from a connection that was never made by its words alone.
  bool awaited_tunnel() const {
    const bool connects = proxied() && tunnels() && !proxy_url_.starts_with("socks");
    if (!connects || failed_.begun || connect_status_ != 0) return false;
    return holds(reason_, "CONNECT aborted due to timeout") ||
           (failed_.code == CURLE_OPERATION_TIMEDOUT && reason_.starts_with("Operation timed out"));
  }

  // Before the proxy has said anything, and before anything was asked: whatever failed, it is the proxy that
  // is not there.
  bool on_the_way_to_proxy() const {
    if (!proxied() || failed_.begun || connect_status_ != 0) return false;
    const bool socks = proxy_url_.starts_with("socks");  // it has no CONNECT: its tunnel may stand
    switch (failed_.code) {
      case CURLE_COULDNT_RESOLVE_PROXY:
      case CURLE_COULDNT_CONNECT:
        return true;
      case CURLE_OPERATION_TIMEDOUT:
      case CURLE_SSL_CONNECT_ERROR:
      case CURLE_GOT_NOTHING:
      case CURLE_RECV_ERROR:
      case CURLE_SEND_ERROR:
        return !socks;
      default:
        return false;
    }
  }

  // Nothing has left. A proxy comes back, so it is tried again; never by another way.
  Error unreachable_proxy() const {
    if (failed_.code == CURLE_COULDNT_RESOLVE_PROXY) {
      return make(ErrorKind::kProxy, Retry::later(),
                  fmt::format("the name of the egress proxy {} was not found", proxy_));
    }
    return make(ErrorKind::kProxy, Retry::later(),
                fmt::format("the egress proxy {} could not be reached: {}", proxy_, reason_));
  }

  // What a CONNECT was answered with (RFC 9110, 9.3.6). 5xx is of what lies beyond the proxy, which looked
  // for it and did not find it.
  Error refused_tunnel() const {
    std::string why = proxys_words(failed_.of_tunnel);
    if (!why.empty()) why = ": " + why;
    if (connect_status_ == 407) {
      return make(
          ErrorKind::kProxy, Retry::never(),
          fmt::format("the egress proxy {} refused the credentials with 407{}; check the user and password "
                      "in the proxy's address",
                      proxy_, why));
    }
    if (connect_status_ == 403) {
      return make(ErrorKind::kProxy, Retry::never(),
                  fmt::format("the egress proxy {} denied {} with 403{}; it does not let this host through",
                              proxy_, host_, why));
    }
    std::string message = fmt::format("the egress proxy {} answered {} when asked for {}{}", proxy_,
                                      connect_status_, host_, why);
    if (connect_status_ < 500) return make(ErrorKind::kProxy, Retry::never(), std::move(message));
    const auto kind = connect_status_ == 504 ? ErrorKind::kTimeout : ErrorKind::kNetwork;
    return make(kind, Retry::later(), std::move(message));
  }

  // RFC 1928, 6 and RFC 1929.
  Error refused_by_socks() const {
    long why = CURLPX_OK;
    curl_easy_getinfo(failed_.easy, CURLINFO_PROXY_ERROR, &why);
    switch (why) {
      case CURLPX_USER_REJECTED:
      case CURLPX_NO_AUTH:
        return make(ErrorKind::kProxy, Retry::never(),
                    fmt::format("the proxy {} did not accept the user and password in its address, or "
                                "their absence",
                                proxy_));
      case CURLPX_REPLY_NOT_ALLOWED:
        return make(ErrorKind::kProxy, Retry::never(),
                    fmt::format("the proxy {} does not let {} through", proxy_, host_));
      case CURLPX_REPLY_GENERAL_SERVER_FAILURE:
      case CURLPX_REPLY_HOST_UNREACHABLE:
      case CURLPX_REPLY_NETWORK_UNREACHABLE:
      case CURLPX_REPLY_CONNECTION_REFUSED:
      case CURLPX_REPLY_TTL_EXPIRED:
        return make(ErrorKind::kNetwork, Retry::later(),
                    fmt::format("the proxy {} could not reach {}: {}", proxy_, host_, reason_));
      default:
        return make(ErrorKind::kProxy, Retry::later(),
                    fmt::format("the proxy {} failed: {}", proxy_, reason_));
    }
  }

  bool is_tls() const {
    switch (failed_.code) {
      case CURLE_SSL_CONNECT_ERROR:
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CERTPROBLEM:
      case CURLE_SSL_CIPHER:
      case CURLE_SSL_CACERT_BADFILE:
      case CURLE_SSL_ISSUER_ERROR:
        return true;
      default:
        // In TLS 1.3 a server judges the client's certificate when the client thinks that all is done.
        return holds(failed_.reason, "alert") &&
               (holds(failed_.reason, "certificate") || holds(failed_.reason, "SSL"));
    }
  }

  // With the proxy, as long as no answer to a CONNECT has come, or where no other TLS is.
  bool with_proxy() const { return proxy_url_.starts_with("https:") && (!tunnels() || connect_status_ == 0); }

  // Files of ours that are no good, a certificate that one side does not trust or that is for another name,
  // nothing in common: somebody has to mend it, and until then each attempt would end alike. What is left may
  // pass: a handshake that was cut off.
  bool lasts() const {
    return failed_.code == CURLE_SSL_CERTPROBLEM || failed_.code == CURLE_SSL_CACERT_BADFILE ||
           failed_.code == CURLE_PEER_FAILED_VERIFICATION || failed_.code == CURLE_SSL_ISSUER_ERROR ||
           !tls_advice(reason_, TlsVersion::k12).empty();
  }

  Error tls() const {
    const Retry retry = lasts() ? Retry::never() : Retry::later();
    if (with_proxy()) {
      std::string advice = tls_advice(reason_, TlsVersion::k12);
      if (failed_.code == CURLE_PEER_FAILED_VERIFICATION) {
        advice = "; whom to trust there is said by proxy_ca_file";
      }
      return make(ErrorKind::kTls, retry,
                  fmt::format("no trusted TLS connection to the proxy {}: {}{}", proxy_, reason_, advice));
    }
    return make(ErrorKind::kTls, retry,
                fmt::format("no trusted TLS connection to {}: {}{}", host_, reason_,
                            tls_advice(reason_, failed_.request->way.tls_at_least)));
  }

  Error of_code() const {
    switch (failed_.code) {
      case CURLE_URL_MALFORMAT:
        return make(ErrorKind::kUsage, Retry::never(),
                    fmt::format("not an http or https address: host {}", host_));
      case CURLE_UNSUPPORTED_PROTOCOL:  // what curl also says of an answer without a status line
      case CURLE_WEIRD_SERVER_REPLY:
        return make(ErrorKind::kMalformed, Retry::later(),
                    fmt::format("{} did not answer in HTTP: {}", host_, reason_));
      case CURLE_OUT_OF_MEMORY:  // what curl says of a header beyond its limit of 100 kB
        return make(ErrorKind::kTooLarge, Retry::never(),
                    fmt::format("the headers of {}'s answer are too large", host_));
      case CURLE_COULDNT_RESOLVE_HOST:
        return make(ErrorKind::kNetwork, Retry::later(), fmt::format("the name {} was not found", host_));
      case CURLE_COULDNT_CONNECT:
        return make(ErrorKind::kNetwork, Retry::later(),
                    fmt::format("{} could not be reached: {}", host_, reason_));
      case CURLE_OPERATION_TIMEDOUT:
        return make(ErrorKind::kTimeout, Retry::later(), fmt::format("{} took too long: {}", host_, reason_));
      case CURLE_PARTIAL_FILE:
        return make(ErrorKind::kTruncated, Retry::later(),
                    fmt::format("{} sent less than it announced: {}", host_, reason_));
      case CURLE_BAD_CONTENT_ENCODING:
        return make(ErrorKind::kMalformed, Retry::later(),
                    fmt::format("{} sent compressed data that cannot be unpacked", host_));
      case CURLE_HTTP2:  // RFC 9113, 5.4.1 and 6.8: a connection that ended with an error or with GOAWAY
      case CURLE_HTTP2_STREAM:  // 5.4.2: one stream was reset
        return make(ErrorKind::kNetwork, Retry::later(),
                    fmt::format("{} broke off in HTTP/2: {}", host_, reason_));
      default:
        return make(ErrorKind::kNetwork, Retry::later(), fmt::format("{} failed: {}", host_, reason_));
    }
  }

  const FailedTransfer& failed_;
  std::string host_;
  std::string proxy_url_;  // with its password: for looking at the scheme only
  std::string proxy_;
  std::string reason_;
  long connect_status_ = 0;
};

}  // namespace

std::string tls_advice(std::string_view reason, TlsVersion least) {
  // OpenSSL's words for RFC 8446, 6.2: protocol_version, and what it says itself of a ServerHello below its
  // minimum.
  if (holds(reason, "protocol version") || holds(reason, "unsupported protocol") ||
      holds(reason, "version too low")) {
    return least == TlsVersion::k13
               ? "; `tls: { at_least: \"1.3\" }` asks for TLS 1.3, which the other side does not speak"
               : "; the other side speaks nothing as new as TLS 1.2";
  }
  if (holds(reason, "certificate required") || holds(reason, "handshake failure")) {
    return "; does the server want a client certificate? `tls: { certificate: ..., key: ... }` names one";
  }
  if (holds(reason, "alert unknown ca") || holds(reason, "alert bad certificate") ||
      holds(reason, "alert certificate") || holds(reason, "alert unsupported certificate") ||
      holds(reason, "certificate expired") || holds(reason, "certificate revoked")) {
    return "; the server does not accept the client certificate";
  }
  if (holds(reason, "unable to set private key") || holds(reason, "could not load") ||
      holds(reason, "unable to use client certificate")) {
    return "; look at the files of `tls` and at key_password";
  }
  if (holds(reason, "unable to get local issuer") || holds(reason, "self-signed") ||
      holds(reason, "self signed")) {
    return "; is it a CA of your own? `ca_file` names it";
  }
  return "";
}

Error error_of(const FailedTransfer& failed) { return Verdict(failed).error(); }

}  // namespace pollux::net

// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/answer.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "net/proxy_status.hpp"

namespace pollux::egress {
namespace {

namespace http = boost::beast::http;

// A client sees the body of a plain request's answer, but mostly not that of a CONNECT's: the reason is in a
// header too. `error` is one of RFC 9209, 2.3.
Answer problem(http::status status, std::string_view error, std::string_view reason,
               const std::string& detail) {
  Answer answer(status, 11);
  answer.set("Proxy-Status", net::format_proxy_status({"pollux", std::string(error), std::string(reason)}));
  answer.set(http::field::content_type, "application/problem+json");
  answer.body() = boost::json::serialize(boost::json::object{{"title", http::obsolete_reason(status)},
                                                             {"status", static_cast<unsigned>(status)},
                                                             {"reason", reason},
                                                             {"detail", detail}}) +
                  "\n";
  answer.prepare_payload();
  return answer;
}

std::string_view error_of(Reason reason) {
  switch (reason) {
    case Reason::kNotPublic:
      return "destination_ip_prohibited";
    case Reason::kMalformed:
      return "http_request_error";
    default:
      return "http_request_denied";
  }
}

std::string allowed(std::span<const http::verb> methods) {
  std::string out = "CONNECT";
  for (const http::verb method : methods) out.append(", ").append(http::to_string(method));
  return out;
}

}  // namespace

Answer refusal(const Refused& refused) {
  const bool full = refused.status == 503;
  Answer answer = problem(http::int_to_status(static_cast<unsigned>(refused.status)),
                          full ? "connection_limit_reached" : "http_request_error",
                          full ? "connections" : "malformed", refused.reason);
  answer.keep_alive(false);
  return answer;
}

Answer not_among(const Refused& refused, std::span<const http::verb> methods) {
  Answer answer = refusal(refused);
  answer.set(http::field::allow, allowed(methods));
  return answer;
}

Answer own_options(std::span<const http::verb> methods) {
  Answer answer(http::status::ok, 11);
  answer.set(http::field::allow, allowed(methods));
  answer.content_length(0);
  return answer;
}

Answer refusal(const Decision& decision) {
  return problem(http::status::forbidden, error_of(decision.reason), name(decision.reason), decision.text());
}

Answer ask_for_credentials() {
  Answer answer = problem(http::status::proxy_authentication_required, "http_request_denied", "credentials",
                          "this proxy wants a user and a password (Proxy-Authorization: Basic)");
  answer.set(http::field::proxy_authenticate, R"(Basic realm="egress", charset="UTF-8")");
  return answer;
}

Answer not_reached(const Error& error) {
  switch (error.kind) {
    case ErrorKind::kTimeout:
      return problem(http::status::gateway_timeout, "connection_timeout", kind_name(error.kind),
                     error.message);
    case ErrorKind::kBusy:
      return problem(http::status::service_unavailable, "connection_limit_reached", kind_name(error.kind),
                     error.message);
    default:
      return problem(http::status::bad_gateway, "destination_unavailable", kind_name(error.kind),
                     error.message);
  }
}

Answer healthy() {
  Answer answer(http::status::ok, 11);
  answer.set(http::field::content_type, "text/plain");
  answer.body() = "ok\n";
  answer.prepare_payload();
  return answer;
}

}  // namespace pollux::egress

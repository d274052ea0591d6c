// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/answer.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace pollux::egress {
namespace {

namespace http = boost::beast::http;

Answer problem(http::status status, std::string_view reason, const std::string& detail) {
  Answer answer(status, 11);
  answer.set(http::field::content_type, "application/problem+json");
  answer.body() = boost::json::serialize(boost::json::object{{"title", http::obsolete_reason(status)},
                                                             {"status", static_cast<unsigned>(status)},
                                                             {"reason", reason},
                                                             {"detail", detail}}) +
                  "\n";
  answer.prepare_payload();
  return answer;
}

}  // namespace

Answer refusal(const Refused& refused) {
  Answer answer =
      problem(http::int_to_status(static_cast<unsigned>(refused.status)), "malformed", refused.reason);
  answer.keep_alive(false);
  return answer;
}

Answer refusal(const Decision& decision) {
  return problem(http::status::forbidden, name(decision.reason), decision.text());
}

Answer ask_for_credentials() {
  Answer answer = problem(http::status::proxy_authentication_required, "credentials",
                          "this proxy wants a user and a password (Proxy-Authorization: Basic)");
  answer.set(http::field::proxy_authenticate, R"(Basic realm="egress", charset="UTF-8")");
  return answer;
}

Answer not_reached(const Error& error) {
  const auto status = error.kind == ErrorKind::kTimeout ? http::status::gateway_timeout
                      : error.kind == ErrorKind::kBusy  ? http::status::service_unavailable
                                                        : http::status::bad_gateway;
  return problem(status, kind_name(error.kind), error.message);
}

Answer healthy() {
  Answer answer(http::status::ok, 11);
  answer.set(http::field::content_type, "text/plain");
  answer.body() = "ok\n";
  answer.prepare_payload();
  return answer;
}

}  // namespace pollux::egress

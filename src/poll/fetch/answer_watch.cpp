// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/answer_watch.hpp"

#include <fmt/format.h>

#include "log/logger.hpp"
#include "poll/fetch/token_answer.hpp"

namespace pollux::fetch {
namespace {

/// Whether what is put on the request holds the time.
bool holds_the_time(const config::Auth& auth) {
  return std::holds_alternative<config::OAuth2Auth>(auth) ||
         std::holds_alternative<config::GoogleAuth>(auth) || std::holds_alternative<config::AwsAuth>(auth);
}

}  // namespace

void AnswerWatch::look(const net::HttpResponse& response, const std::string& url, Time sent,
                       std::optional<Error>& error) {
  const std::string host = net::host_of(url);
  const std::string_view date = response.header("Date");
  const auto skew = clock_skew(date, response.header("Age"), sent, parts_.clock.now()).value_or(Millis(0));
  if (watch_.step(skew, date, url)) warn(skew, host);
  const bool refused = response.status == 400 || response.status == 401 || response.status == 403;
  if (!error || !refused) return;
  if (auto name = oauth_error_name(response.body); !name.empty())
    error->message += fmt::format(" ({})", name);
  if (skew != Millis(0) && holds_the_time(upstream_.auth)) {
    error->message += fmt::format("; the clock of this machine is {} {}'s, which may be the reason",
                                  describe_skew(skew), host);
  }
}

void AnswerWatch::warn(Millis skew, const std::string& host) {
  if (parts_.logger == nullptr) return;
  parts_.logger->warning(
      "clock",
      fmt::format("the clock of this machine is {} {}'s: tokens and signatures may be refused",
                  describe_skew(skew), host),
      {{"upstream", upstream_.name},
       {"behind_seconds", std::chrono::round<std::chrono::seconds>(skew).count()}});
}

}  // namespace pollux::fetch

// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/clock_skew.hpp"

#include <fmt/format.h>

#include <charconv>

#include "net/http_client.hpp"

namespace pollux::fetch {
namespace {

constexpr Millis kTolerated = std::chrono::minutes(2);
constexpr Millis kAlike = std::chrono::minutes(1);

Millis age_of(std::string_view text) {
  long long seconds = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  constexpr long long kYear = 366LL * 24 * 3600;
  return whole && seconds > 0 ? Millis(std::chrono::seconds(std::min(seconds, kYear))) : Millis(0);
}

}  // namespace

std::optional<Millis> clock_skew(std::string_view date, std::string_view age, Time sent, Time received) {
  auto written = net::parse_http_date(std::string(date));
  if (!written) return std::nullopt;
  // The header has whole seconds: it was written at `from` or up to a second later.
  const Time from = *written + age_of(age);
  const Time to = from + std::chrono::seconds(1);
  if (from - received > kTolerated) return from - received;
  if (sent - to > kTolerated) return to - sent;
  return Millis(0);
}

std::string describe_skew(Millis skew) {
  using namespace std::chrono;
  const char* way = skew > Millis(0) ? "behind" : "ahead of";
  const Millis size = abs(skew);
  if (size < hours(2)) return fmt::format("{} min {}", round<minutes>(size).count(), way);
  if (size < days(2)) return fmt::format("{} h {}", round<hours>(size).count(), way);
  return fmt::format("{} days {}", round<days>(size).count(), way);
}

bool SkewWatch::step(Millis skew, std::string_view date, std::string_view url) {
  if (skew != Millis(0) && date == last_date_ && url == last_url_) return false;
  last_date_ = date;
  last_url_ = url;
  const bool same = skew != Millis(0) && last_ != Millis(0) && std::chrono::abs(skew - last_) <= kAlike;
  last_ = skew;
  if (skew == Millis(0)) said_ = false;
  if (!same || said_) return false;
  said_ = true;
  return true;
}

}  // namespace pollux::fetch

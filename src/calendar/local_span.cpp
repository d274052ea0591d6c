// SPDX-License-Identifier: Apache-2.0
#include "calendar/local_span.hpp"

#include <date/tz.h>

#include <stdexcept>

namespace pollux::calendar {
namespace {

const date::time_zone& zone_or_utc(const std::string& name) {
  try {
    return *date::locate_zone(name);
  } catch (const std::runtime_error&) {  // the library's only way to say "unknown"
    return *date::locate_zone("UTC");
  }
}

// The moment at which a local day begins. Where midnight comes twice, the first one, unless that is past.
Time begin_of(const date::time_zone& zone, date::local_days day, date::choose which) {
  return Time(zone.to_sys(day + std::chrono::seconds(0), which));
}

Span span_of(const date::time_zone& zone, date::local_days first, date::local_days next, Time time) {
  Span span{begin_of(zone, first, date::choose::earliest), begin_of(zone, next, date::choose::earliest)};
  if (span.end <= time) span.end = begin_of(zone, next, date::choose::latest);
  return span;
}

}  // namespace

Span local_day(Time time, const std::string& zone_name) {
  const date::time_zone& zone = zone_or_utc(zone_name);
  auto day = date::floor<date::days>(zone.to_local(time));
  return span_of(zone, day, day + date::days(1), time);
}

Span local_month(Time time, const std::string& zone_name) {
  const date::time_zone& zone = zone_or_utc(zone_name);
  date::year_month_day ymd{date::floor<date::days>(zone.to_local(time))};
  auto month = ymd.year() / ymd.month();
  return span_of(zone, date::local_days(month / 1), date::local_days((month + date::months(1)) / 1), time);
}

}  // namespace pollux::calendar

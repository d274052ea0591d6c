// SPDX-License-Identifier: Apache-2.0
#include "calendar/schedule_rule.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <stdexcept>

namespace pollux::calendar {
namespace {

using date::days;
using std::chrono::hours;
using std::chrono::minutes;
using LocalMinute = date::local_time<minutes>;

// Eight years hold a 29 February, also around 2100 when the one of that year is missing.
constexpr int kHorizonDays = 8 * 366;

const date::time_zone* zone_of(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::runtime_error&) {  // the library's only way to say "unknown"
    return nullptr;
  }
}

bool matches_day(const CronExpression& cron, date::local_days day) {
  date::year_month_day ymd{day};
  if (!cron.months.test(static_cast<unsigned>(ymd.month()))) return false;
  bool by_day = cron.days.test(static_cast<unsigned>(ymd.day()));
  bool by_weekday = cron.weekdays.test(date::weekday{day}.c_encoding());
  if (cron.any_day || cron.any_weekday) return by_day && by_weekday;
  return by_day || by_weekday;  // crontab(5): both restricted, either is enough
}

// The moment of a local time: the first one of two, and the moment of the shift where there is none. Never
// decreases as local time grows, which is what lets next_by_local_time stop at the first hit. nullopt for a
// skipped time of an expression that names no hour: that one has other slots soon enough.
std::optional<Time> moment_of(const CronExpression& cron, const date::time_zone* zone, LocalMinute local) {
  date::local_info info = zone->get_info(local);
  if (info.result == date::local_info::nonexistent) {
    return cron.hours.all() ? std::nullopt : std::optional<Time>(info.first.end);
  }
  return Time(local.time_since_epoch() - info.first.offset);
}

// The first matching local minute after `from` on `day` whose moment is after `after`.
std::optional<Time> next_on_day(const CronExpression& cron, const date::time_zone* zone, date::local_days day,
                                LocalMinute from, Time after) {
  for (std::size_t hour = 0; hour < 24; ++hour) {
    if (!cron.hours.test(hour) || day + hours(hour + 1) <= from) continue;
    for (std::size_t minute = 0; minute < 60; ++minute) {
      LocalMinute local = day + hours(hour) + minutes(minute);
      if (!cron.minutes.test(minute) || local <= from) continue;
      auto moment = moment_of(cron, zone, local);
      if (moment && *moment > after) return moment;
    }
  }
  return std::nullopt;
}

std::optional<Time> next_by_local_time(const CronExpression& cron, const date::time_zone* zone, Time after) {
  auto from = date::floor<minutes>(zone->to_local(after));
  auto first_day = date::floor<days>(from);
  for (int i = 0; i <= kHorizonDays; ++i) {
    date::local_days day = first_day + days(i);
    if (!matches_day(cron, day)) continue;
    if (auto found = next_on_day(cron, zone, day, from, after)) return found;
  }
  return std::nullopt;
}

// An expression that names no hour ("*/5 * * * *") means "all the time": it goes on through the second pass
// of a repeated hour, where one that names hours would run twice. The slots of that pass, if one begins
// before `limit`.
std::optional<Time> next_in_repeated_hour(const CronExpression& cron, const date::time_zone* zone, Time after,
                                          Time limit) {
  for (date::sys_info now = zone->get_info(after); now.begin < limit; now = zone->get_info(now.end)) {
    // The first period of all has no before, and is so far back that asking for it would overflow.
    if (now.begin > date::sys_days(date::year(1900) / 1 / 1)) {
      auto repeated = zone->get_info(now.begin - std::chrono::seconds(1)).offset - now.offset;
      Time end = std::min<Time>(limit, Time(now.begin + repeated));
      for (Time t = std::max<Time>(Time(now.begin), date::floor<minutes>(after) + minutes(1)); t < end;
           t += minutes(1)) {
        auto local = date::floor<minutes>(zone->to_local(t));
        auto day = date::floor<days>(local);
        auto minute_of_day = (local - day).count();
        if (matches_day(cron, day) && cron.minutes.test(static_cast<std::size_t>(minute_of_day % 60)))
          return t;
      }
    }
    if (now.end >= limit) break;
  }
  return std::nullopt;
}

std::optional<Time> next_by_cron(const CronRule& rule, Time after) {
  const date::time_zone* zone = zone_of(rule.zone);
  if (zone == nullptr) return std::nullopt;
  auto next = next_by_local_time(rule.expression, zone, after);
  if (!next || !rule.expression.hours.all()) return next;
  auto sooner = next_in_repeated_hour(rule.expression, zone, after, *next);
  return sooner ? sooner : next;
}

Time next_by_period(const Every& every, Time after) {
  Millis period = std::max(every.period, Millis(1));
  Millis since = after.time_since_epoch() - every.offset;
  Millis into = since % period;
  if (into < Millis(0)) into += period;
  return after + (period - into);
}

}  // namespace

std::optional<Time> next_slot(const ScheduleRule& rule, Time after) {
  if (const auto* every = std::get_if<Every>(&rule)) return next_by_period(*every, after);
  return next_by_cron(std::get<CronRule>(rule), after);
}

Millis usual_period(const ScheduleRule& rule, Time now) {
  if (const auto* every = std::get_if<Every>(&rule)) return every->period;
  auto first = next_slot(rule, now);
  auto second = first ? next_slot(rule, *first) : std::nullopt;
  return second ? *second - *first : Millis(days(1));
}

bool known_zone(const std::string& name) { return zone_of(name) != nullptr; }

std::string local_date(Time time, const std::string& zone_name, int day_offset) {
  const date::time_zone* zone = zone_of(zone_name);
  auto day = zone != nullptr ? date::floor<days>(zone->to_local(time))
                             : date::local_days(date::floor<days>(time).time_since_epoch());
  date::year_month_day ymd{day + days(day_offset)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
                     static_cast<unsigned>(ymd.day()));
}

}  // namespace pollux::calendar

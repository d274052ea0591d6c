// SPDX-License-Identifier: Apache-2.0
// Any bytes as a cron expression: what is accepted has slots that lie ahead, on the minute, in its own hours
// or at a shift.
#include <cstdint>
#include <cstdlib>

#include "calendar/schedule_rule.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pollux;
  std::string text(reinterpret_cast<const char*>(data), size);
  auto cron = calendar::parse_cron(text);
  if (!cron) return cron.error().message.empty() ? std::abort(), 0 : 0;
  bool empty = cron->minutes.none() || cron->hours.none() || cron->days.none() || cron->months.none() ||
               cron->weekdays.none();
  if (empty || cron->days.test(0) || cron->months.test(0)) std::abort();
  for (const char* zone : {"UTC", "America/New_York"}) {
    Time after = std::chrono::sys_days(std::chrono::year(2026) / 3 / 7);
    for (int i = 0; i < 3; ++i) {
      auto next = calendar::next_slot(calendar::CronRule{*cron, zone}, after);
      if (!next) break;
      if (*next <= after || next->time_since_epoch() % std::chrono::minutes(1) != Millis(0)) std::abort();
      after = *next;
    }
  }
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Any bytes as a duration, a size or a time: what is read can be written and read again as the same.
#include <cstdint>
#include <cstdlib>

#include "base/encoding.hpp"
#include "base/units.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pollux;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto duration = parse_duration(text)) {
    if (*duration <= Millis(0)) std::abort();
    if (describe_duration(*duration).empty()) std::abort();
    // The longest unit is a day, of at most 9 digits; 24 h more may need a tenth.
    auto again = parse_duration(format_duration(*duration));
    if (*duration < std::chrono::days(999'999'999) && again != duration) std::abort();
  }
  if (auto bytes = parse_bytes(text); bytes && describe_bytes(*bytes).empty()) std::abort();
  if (auto time = parse_time(text)) {
    auto again = parse_time(format_time(*time));
    bool in_years_of_four_digits = *time >= *parse_time("0001-01-01") && *time < *parse_time("9999-12-31");
    if (in_years_of_four_digits && again != std::chrono::floor<std::chrono::seconds>(*time)) std::abort();
    if (format_http_date(*time).size() < 29) std::abort();
  }
  if (auto decoded = percent_decode(text); decoded && percent_decode(percent_encode(*decoded)) != decoded)
    std::abort();
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/growing_log.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.hpp"

namespace pollux::sample_api {
namespace {

constexpr std::size_t kMostGrowth = 1000;

net::ServerResponse refused(std::string_view what) {
  return {400, {{"Content-Type", "application/json"}}, R"({"message":")" + std::string(what) + "\"}", {}};
}

// The parameter, `otherwise` where it is absent, nullopt where it is no whole number.
std::optional<std::size_t> number(const net::ServerRequest& request, std::string_view name,
                                  std::size_t otherwise) {
  auto text = request.query_value(name);
  if (!text) return otherwise;
  std::size_t value = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return value;
}

// Row 1 is of ten o'clock, each further one of a minute later; its level has two decimals, zeros too.
std::string row(std::size_t id) {
  const Time at = *parse_time("2026-01-02T10:00:00Z") + std::chrono::minutes(id - 1);
  std::string hundredths = std::to_string(100 + (id * 10) % 100);
  return R"({"id":)" + std::to_string(id) + R"(,"at":")" + format_time(at) + R"(","level":)" +
         std::to_string(1 + id % 7) + "." + hundredths.substr(1) + "}";
}

}  // namespace

net::ServerResponse GrowingLog::answer(const net::ServerRequest& request) {
  if (request.method != "GET") return {405, {}, "", {}};
  auto after = number(request, "after", 0);
  auto grow = number(request, "grow", 0);
  auto limit = number(request, "limit", 100);
  if (!after || !grow || !limit) return refused("after, grow and limit are whole numbers");
  rows_ += std::min(*grow, kMostGrowth);
  if (*after > rows_) return refused("after lies beyond the end of the log");
  std::string body = "[";
  for (std::size_t id = *after + 1; id <= std::min(rows_, *after + *limit); ++id) {
    body += (body.size() > 1 ? "," : "") + row(id);
  }
  return {200, {{"Content-Type", "application/json"}}, body + "]", {}};
}

}  // namespace pollux::sample_api

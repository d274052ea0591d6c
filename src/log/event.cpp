// SPDX-License-Identifier: Apache-2.0
#include "log/event.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/units.hpp"

namespace pollux::log {
namespace {

std::string value_as_json(const FieldValue& value) {
  struct Printer {
    std::string operator()(const std::string& v) const { return json_quote(v); }
    std::string operator()(std::int64_t v) const { return fmt::format("{}", v); }
    std::string operator()(double v) const { return fmt::format("{:.3f}", v); }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
  };
  return std::visit(Printer{}, value);
}

// A line break inside a message would let foreign text write log lines of its own.
std::string one_line(std::string_view text) {
  std::string out;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += c == '\n' ? "\\n" : " ";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string_view level_name(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

std::string as_json(const Event& event, Time time) {
  auto millis = time.time_since_epoch().count() % 1000;
  std::string stamp = format_time(time);
  stamp.insert(stamp.size() - 1, fmt::format(".{:03}", millis));
  std::string out = fmt::format(R"({{"time":"{}","level":"{}","event":{},"message":{})", stamp,
                                level_name(event.level), json_quote(event.name), json_quote(event.message));
  for (const auto& [key, value] : event.fields) out += "," + json_quote(key) + ":" + value_as_json(value);
  return out + "}";
}

std::string as_text(const Event& event, Time time) {
  return fmt::format("{} {:<7} {}", format_time(time).substr(11, 8), level_name(event.level),
                     one_line(event.message));
}

}  // namespace pollux::log

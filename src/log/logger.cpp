// SPDX-License-Identifier: Apache-2.0
#include "log/logger.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <memory>

namespace pollux::log {
namespace {

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

Logger::Logger(Level least, Format format, const Redactor& redactor, Sink sink)
    : least_(least), format_(format), redactor_(redactor), sink_(std::move(sink)) {}

void Logger::write(Event event) {
  if (!wants(event.level)) return;
  Time now = clock_.now();
  std::string line = format_ == Format::kJson ? as_json(event, now) : as_text(event, now);
  sink_(event.level, redactor_.redact(line));
}

void Logger::debug(std::string name, std::string message, Fields fields) {
  write({Level::kDebug, std::move(name), std::move(message), std::move(fields)});
}
void Logger::info(std::string name, std::string message, Fields fields) {
  write({Level::kInfo, std::move(name), std::move(message), std::move(fields)});
}
void Logger::warning(std::string name, std::string message, Fields fields) {
  write({Level::kWarning, std::move(name), std::move(message), std::move(fields)});
}
void Logger::error(std::string name, std::string message, Fields fields) {
  write({Level::kError, std::move(name), std::move(message), std::move(fields)});
}

Logger::Sink standard_output() {
  auto sink = std::make_shared<spdlog::sinks::stdout_color_sink_mt>();
  auto out = std::make_shared<spdlog::logger>("pollux", sink);
  out->set_pattern(isatty(STDOUT_FILENO) != 0 ? "%^%v%$" : "%v");
  out->set_level(spdlog::level::trace);
  out->flush_on(spdlog::level::trace);
  return [out](Level level, std::string_view line) { out->log(spdlog_level(level), line); };
}

Logger::Format automatic_format() {
  return isatty(STDOUT_FILENO) != 0 ? Logger::Format::kText : Logger::Format::kJson;
}

}  // namespace pollux::log

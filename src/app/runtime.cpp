// SPDX-License-Identifier: Apache-2.0
#include "app/runtime.hpp"

#include <boost/asio/co_spawn.hpp>

#include "poll/publish/directory_store.hpp"
#include "poll/publish/s3_store.hpp"
#include "state/sqlite.hpp"

namespace pollux::app {
namespace {

log::Level as_log(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::kDebug:
      return log::Level::kDebug;
    case config::LogLevel::kInfo:
      return log::Level::kInfo;
    case config::LogLevel::kWarning:
      return log::Level::kWarning;
    case config::LogLevel::kError:
      return log::Level::kError;
  }
  return log::Level::kInfo;
}

log::Logger::Format as_log(config::LogFormat format) {
  switch (format) {
    case config::LogFormat::kText:
      return log::Logger::Format::kText;
    case config::LogFormat::kJson:
      return log::Logger::Format::kJson;
    case config::LogFormat::kAuto:
      break;
  }
  return log::automatic_format();
}

constexpr Millis kHistory = std::chrono::days(30);

}  // namespace

log::Logger make_logger(const config::Log& config, std::optional<config::LogLevel> level,
                        const Redactor& redactor) {
  return {as_log(level.value_or(config.level)), as_log(config.format), redactor, log::standard_output()};
}

Runtime::Runtime(config::File checked, std::optional<config::LogLevel> level)
    : file(std::move(checked)), logger(make_logger(file.log, level, redactor)), programs(io, {}) {
  for (const Secret& secret : file.secrets) redactor.hide(secret);
}

Result<std::unique_ptr<Runtime>> Runtime::make(config::File file, std::optional<config::LogLevel> level) {
  std::unique_ptr<Runtime> runtime(new Runtime(std::move(file), level));
  if (auto opened = runtime->open_state(); !opened) return std::unexpected(opened.error());
  runtime->make_sessions();
  runtime->make_stores();
  return runtime;
}

Result<void> Runtime::open_state() {
  auto opened = state::SqliteBackend::open(file.state);
  if (!opened) return std::unexpected(opened.error());
  backend = std::move(*opened);
  if (auto trimmed = backend->forget_history(clock.now() - kHistory); !trimmed)
    return std::unexpected(trimmed.error());
  auto loaded = Board::load(file, *backend);
  if (!loaded) return std::unexpected(loaded.error());
  board = std::move(*loaded);
  journal = std::make_unique<state::Journal>(*backend);
  keeper = std::make_unique<poll::JournalKeeper>(*journal);
  stages.keeper = keeper.get();
  return {};
}

void Runtime::make_sessions() {
  for (const auto& [name, upstream] : file.upstreams) {
    auto chance = [this] { return chances(); };
    sessions.emplace(
        name, std::make_unique<fetch::UpstreamSession>(
                  upstream, fetch::SessionParts{client, clock, redactor, chance, journal.get(), &logger}));
  }
}

void Runtime::make_stores() {
  for (const auto& [name, store] : file.stores) {
    if (const auto* directory = std::get_if<config::DirectoryStore>(&store.kind)) {
      stores.emplace(name, std::make_unique<publish::DirectoryStore>(*directory, pool));
    } else {
      const auto& s3 = std::get<config::S3Store>(store.kind);
      stores.emplace(name, std::make_unique<publish::S3Store>(s3, client, clock, pool));
    }
  }
}

Result<std::vector<config::Fault>> Runtime::verify(const config::Environment& environment) {
  std::optional<Result<Verified>> verified;
  std::exception_ptr thrown;
  auto done = [&](std::exception_ptr e, Result<Verified> result) {
    thrown = e;
    verified = std::move(result);
    io.stop();
  };
  asio::co_spawn(io, app::verify(file, environment, programs), done);
  io.run();
  io.restart();
  if (thrown) std::rethrow_exception(thrown);
  if (!*verified) return std::unexpected(verified->error());
  schemas = std::move((*verified)->schemas);
  for (const auto& worker : programs.stats()) {
    if (worker.no_seccomp.empty()) continue;
    logger.warning("jq_worker", "jq programs run without a system call filter here: " + worker.no_seccomp);
    break;
  }
  return std::move((*verified)->faults);
}

}  // namespace pollux::app

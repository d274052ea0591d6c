// SPDX-License-Identifier: Apache-2.0
#include "app/runtime.hpp"

#include <boost/asio/co_spawn.hpp>

#include "app/held_store.hpp"
#include "log/queued_output.hpp"
#include "net/ca_bundle.hpp"
#include "net/curl_client.hpp"
#include "poll/poll_programs.hpp"
#include "poll/publish/directory_store.hpp"
#include "poll/publish/s3_store.hpp"
#include "state/memory.hpp"
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

std::unique_ptr<Clock> make_clock(const RuntimeOptions& options) {
  if (options.stands_at) return std::make_unique<FixedClock>(*options.stands_at);
  return std::make_unique<SystemClock>();
}

constexpr Millis kHistory = std::chrono::days(30);

// Without the platform's CAs the upstreams that need them fail by themselves, with a reason; the others need
// not.
net::CurlClient::Options client_options(const config::File& file, log::Logger& logger) {
  net::CurlClient::Options options;
  if (file.system_certificates.empty()) return options;
  const std::string variable = "CF_SYSTEM_CERT_PATH: ";
  auto bundle = net::CaBundle::make(file.system_certificates);
  if (!bundle) {
    logger.warning("certificates", variable + bundle.error().message + "; only the system's CAs are trusted");
    return options;
  }
  for (const std::string& warning : (*bundle)->warnings()) logger.warning("certificates", variable + warning);
  logger.info("certificates", variable + std::to_string((*bundle)->added()) +
                                  " certificates are trusted besides the system's");
  options.system_cas = std::move(*bundle);
  return options;
}

std::unique_ptr<net::HttpClient> make_client(const RuntimeOptions& options, const config::File& file,
                                             log::Logger& logger, asio::io_context& io, Redactor& redactor) {
  auto real = [&]() -> std::unique_ptr<net::HttpClient> {
    return std::make_unique<net::CurlClient>(io, client_options(file, logger));
  };
  return options.client ? options.client(real, redactor) : real();
}

}  // namespace

log::Logger make_logger(const config::Log& config, std::optional<config::LogLevel> level, LogOutput output,
                        const Redactor& redactor) {
  const log::Logger::Format format = as_log(config.format);
  return {as_log(level.value_or(config.level)), format, redactor,
          output == LogOutput::kDrops ? log::queued_standard_output(format) : log::standard_output()};
}

Runtime::Runtime(config::File checked, RuntimeOptions asked)
    : file(std::move(checked)),
      options(std::move(asked)),
      owned_clock(make_clock(options)),
      logger(make_logger(file.log, options.level, options.output, redactor)),
      owned_client(make_client(options, file, logger, io, redactor)),
      fetcher(sessions, poll::paging_programs(programs), &pool),
      programs(io, {}) {
  for (const Secret& secret : file.secrets) redactor.hide(secret);
}

Result<std::unique_ptr<Runtime>> Runtime::make(config::File file, RuntimeOptions options) {
  std::unique_ptr<Runtime> runtime(new Runtime(std::move(file), std::move(options)));
  if (auto opened = runtime->open_state(); !opened) return std::unexpected(opened.error());
  if (auto made = runtime->make_sessions(); !made) return std::unexpected(made.error());
  runtime->make_stores();
  return runtime;
}

Result<void> Runtime::open_state() {
  if (options.keeps_state) {
    auto opened = state::SqliteBackend::open(file.state);
    if (!opened) return std::unexpected(opened.error());
    backend = std::move(*opened);
  } else {
    backend = std::make_unique<state::MemoryBackend>();
  }
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

Result<void> Runtime::make_sessions() {
  // Nothing is committed yet, so the journal's thread leaves the backend alone.
  auto unread = std::make_shared<std::optional<Error>>();
  auto recall = [this, unread](const std::string& key) -> std::optional<std::string> {
    auto entry = backend->get(key);
    if (!entry) *unread = entry.error();
    return entry && *entry ? std::optional((*entry)->value) : std::nullopt;
  };
  for (const auto& [name, upstream] : file.upstreams) {
    auto chance = [this] { return chances(); };
    fetch::SessionParts parts{client, clock, redactor, chance, journal.get(), &logger, recall};
    auto session = std::make_unique<fetch::UpstreamSession>(upstream, std::move(parts));
    if (auto saved = recall(fetch::limits_key(name))) {
      if (auto restored = session->restore(*saved); !restored) return restored;
    }
    sessions.emplace(name, std::move(session));
  }
  if (*unread) return std::unexpected(std::move(**unread));
  return {};
}

void Runtime::make_stores() {
  for (const auto& [name, store] : file.stores) {
    if (!options.publishes) {
      stores.emplace(name, std::make_unique<HeldStore>());
    } else if (const auto* directory = std::get_if<config::DirectoryStore>(&store.kind)) {
      stores.emplace(name, std::make_unique<publish::DirectoryStore>(*directory, pool));
    } else {
      const auto& s3 = std::get<config::S3Store>(store.kind);
      stores.emplace(name, std::make_unique<publish::S3Store>(s3, client, clock, pool, publish::S3Tuning{},
                                                              publish::S3Hearers{&redactor, &logger}));
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

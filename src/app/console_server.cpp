// SPDX-License-Identifier: Apache-2.0
#include "app/console_server.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"

namespace pollux::app {
namespace {

bool is_directory(const config::Store& store) {
  return std::holds_alternative<config::DirectoryStore>(store.kind);
}

std::vector<console::PublicStore> public_stores(const config::File& file) {
  std::vector<console::PublicStore> out;
  for (const auto& [name, store] : file.stores) {
    if (is_directory(store)) out.push_back({name, store.cors_origins});
  }
  return out;
}

net::ServerOptions server_options(log::Logger& logger) {
  net::ServerOptions options;
  options.on_fault = [&logger](const std::string& what) {
    logger.warning("console", "the console's server: " + what);
  };
  return options;
}

bool bad(poll::Outcome outcome) {
  return outcome == poll::Outcome::kKept || outcome == poll::Outcome::kFailed;
}

std::string outcome_text(const PollState& state) {
  if (!state.last_message.empty()) return state.last_message;
  if (state.record.outcome == poll::Outcome::kPending) return "has not run yet";
  return state.record.message.empty() ? publish::state_name(state.record.outcome) : state.record.message;
}

}  // namespace

ConsoleServer::ConsoleServer(Runtime& runtime, std::function<Phase()> phase)
    : runtime_(runtime),
      phase_(std::move(phase)),
      started_at_(runtime.clock.now()),
      directories_(public_stores(runtime.file).size()),
      console_(
          {runtime.file.listen.host, public_stores(runtime.file)},
          {[this] { return status(); },
           [this](std::string store, std::string path) { return read(std::move(store), std::move(path)); }}),
      server_(runtime.io, console_.handler(), server_options(runtime.logger)) {}

Result<std::string> ConsoleServer::bind() {
  const config::Listen& listen = runtime_.file.listen;
  auto port = server_.bind(listen.host, listen.port);
  if (!port) {
    Error error = port.error();
    error.message += "; choose another with `listen:`, or 0 for any free port";
    return std::unexpected(std::move(error));
  }
  std::string host = listen.host.find(':') == std::string::npos ? listen.host : "[" + listen.host + "]";
  return fmt::format("http://{}:{}/", host, *port);
}

std::string ConsoleServer::link_to(const config::Publication& publication) const {
  if (!is_directory(runtime_.file.stores.at(publication.to))) return "";
  std::string path = percent_encode(publication.path, true);
  return directories_ == 1 ? "/public/" + path : fmt::format("/public/{}/{}", publication.to, path);
}

console::PollView ConsoleServer::view_of(const std::string& name, const PollState& state) const {
  const poll::Record& record = state.record;
  console::PollView view;
  view.name = name;
  view.state = record.outcome == poll::Outcome::kPending ? "" : publish::state_name(record.outcome);
  view.running = state.running;
  view.outcome = outcome_text(state);
  view.last_run = record.checked_at;
  view.last_ok = record.updated_at;
  view.next_run = state.next_at;
  if (bad(record.outcome)) view.last_error = record.message;
  if (record.checked_at) view.duration = state.last_took;
  for (const auto& publication : state.poll->publish) {
    view.objects.push_back({publication.to, publication.path, link_to(publication)});
  }
  return view;
}

console::StatusView ConsoleServer::status() const {
  console::StatusView view;
  view.version = POLLUX_VERSION;
  view.started_at = started_at_;
  view.now = runtime_.clock.now();
  view.ready = phase_() == Phase::kReady;
  view.draining = phase_() == Phase::kDraining;
  for (const auto& [name, state] : runtime_.board.polls()) view.polls.push_back(view_of(name, state));
  return view;
}

Task<Result<std::optional<console::StoredObject>>> ConsoleServer::read(std::string store, std::string path) {
  auto object = co_await runtime_.stores.at(store)->get(std::move(path));
  if (!object) co_return std::unexpected(object.error());
  if (!*object) co_return std::nullopt;
  co_return console::StoredObject{std::move((*object)->body), (*object)->content_type,
                                  (*object)->cache_control};
}

}  // namespace pollux::app

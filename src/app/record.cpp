// SPDX-License-Identifier: Apache-2.0
#include "app/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/fixture_loader.hpp"
#include "app/rehearsal.hpp"
#include "app/replay.hpp"
#include "base/encoding.hpp"
#include "fixture/difference.hpp"
#include "fixture/recording_client.hpp"

namespace pollux::app {
namespace {

using fixture::Fixture;

std::set<std::string> token_addresses(const config::File& file) {
  std::set<std::string> out;
  for (const auto& [name, upstream] : file.upstreams) {
    if (const auto* oauth2 = std::get_if<config::OAuth2Auth>(&upstream.auth)) out.insert(oauth2->token_url);
    if (const auto* google = std::get_if<config::GoogleAuth>(&upstream.auth)) {
      for (const auto& account : google->accounts) out.insert(account.token_uri);
    }
  }
  return out;
}

// An API that shows a request's JSON body inside its own JSON escapes it once more.
void add_escaped_forms(config::File& file) {
  std::vector<Secret> more;
  for (const Secret& secret : file.secrets) {
    std::string quoted = json_quote(secret.reveal());
    std::string escaped = quoted.substr(1, quoted.size() - 2);
    if (escaped != secret.reveal()) more.emplace_back(std::move(escaped));
  }
  file.secrets.insert(file.secrets.end(), more.begin(), more.end());
}

// What is asked while recording counts in an upstream's limits, and a refresh token is good for one use: both
// are kept in the state. The upstreams of the file's polls for which it has to be opened.
std::set<std::string> kept_in_the_state(const config::File& file) {
  std::set<std::string> out;
  for (const auto& [name, poll] : file.polls) {
    for (const config::Step& step : poll.steps) {
      const config::Upstream& upstream = file.upstreams.at(step.upstream);
      const auto* oauth2 = std::get_if<config::OAuth2Auth>(&upstream.auth);
      const bool spends = oauth2 != nullptr && oauth2->refresh_token.has_value();
      if (spends || !upstream.limits.empty()) out.insert(step.upstream);
    }
  }
  return out;
}

// The Redactor looks for no secret shorter than kShortest: here even those must not stand. What the file
// itself says is known to everybody who reads the fixture.
bool short_secret_stands_in(const config::File& file, const std::string& yaml, const std::string& text) {
  return std::ranges::any_of(file.secrets, [&](const Secret& secret) {
    const std::string& value = secret.reveal();
    return !value.empty() && value.size() < Redactor::kShortest && yaml.find(value) == std::string::npos &&
           text.find(value) != std::string::npos;
  });
}

using Files = std::vector<std::pair<std::string, std::string>>;

Result<void> look_for_secrets(const Runtime& runtime, const Files& files) {
  const std::string yaml = config::process_environment().read(runtime.file.path).value_or("");
  for (const auto& [name, text] : files) {
    if (runtime.redactor.reveals(name) || runtime.redactor.reveals(text))
      return fail(ErrorKind::kRejected, fmt::format("a secret would stand in {}: nothing was written", name));
    if (short_secret_stands_in(runtime.file, yaml, text)) {
      return fail(
          ErrorKind::kRejected,
          fmt::format("a secret of less than {} characters, or a text like it, would stand in {}: nothing "
                      "was written; take a longer secret",
                      Redactor::kShortest, name));
    }
  }
  return {};
}

// The objects as the fixture alone makes them: what `test` will expect.
Result<Replayed> rehearse_offline(FixtureLoader& loader, const std::string& poll, const Fixture& fixture) {
  const auto& loaded = loader.load(fixture);
  if (!loaded) {
    return fail(ErrorKind::kUsage,
                fmt::format("without its secrets the file does not load: {}; nothing was written",
                            loaded.error().front().text()));
  }
  Replayed again =
      replay(loaded->file, poll, fixture, fixture::stand_in(fixture, config::process_environment()));
  if (again.problems.empty()) return again;
  return fail(ErrorKind::kUsage,
              fmt::format("what was recorded does not make the run again: {}; nothing was written",
                          fmt::join(again.problems, "; ")));
}

Result<void> record_one(Runtime& runtime, FixtureLoader& loader, const fixture::Witness& witness,
                        const config::Poll& poll, Time at, Recording& out) {
  auto& client = static_cast<fixture::RecordingClient&>(runtime.client);
  Rehearsed live = rehearse(runtime, poll, at);
  Fixture fixture;
  fixture.at = at;
  fixture.exchanges = client.take();
  if (live.error) return std::unexpected(*live.error);
  witness.write_down(runtime.file, fixture);
  auto again = rehearse_offline(loader, poll.name, fixture);
  if (!again) return std::unexpected(again.error());
  fixture.expected = std::move(again->objects);
  for (const auto& [path, object] : live.objects) {
    if (!fixture::difference(object, fixture.expected[path]).empty())
      out.note = path + " is not the same without the secrets that were removed from the answers";
  }
  out.answers = fixture.exchanges.size();
  out.objects = fixture.expected.size();
  Files files = fixture::files_of(fixture);
  // What could not be read back would be no fixture: an answer's header may hold any bytes.
  if (auto again_read = fixture::parse_index(fixture::index_text(fixture)); !again_read)
    return fail(ErrorKind::kMalformed,
                fmt::format("{} cannot be written: {}", fixture::kIndexName, again_read.error().text()));
  if (auto clean = look_for_secrets(runtime, files); !clean) return clean;
  return fixture::write_files(out.place.folder, files);
}

}  // namespace

Result<std::unique_ptr<Runtime>> make_recording_runtime(config::File file,
                                                        const config::Environment& environment,
                                                        std::optional<config::LogLevel> level) {
  if (auto yaml = environment.read(file.path)) fixture::forget_open_headers(file, *yaml);
  add_escaped_forms(file);
  RuntimeOptions options;
  options.level = level.value_or(config::LogLevel::kError);
  options.publishes = false;
  const std::set<std::string> kept = kept_in_the_state(file);
  options.keeps_state = !kept.empty();
  auto is_token = [addresses = token_addresses(file)](const std::string& url) {
    return addresses.contains(url);
  };
  options.client = [is_token](const RuntimeOptions::RealClient& real, Redactor& redactor) {
    return std::make_unique<fixture::RecordingClient>(real(), redactor, is_token);
  };
  auto made = Runtime::make(std::move(file), std::move(options));
  if (!made && made.error().kind == ErrorKind::kState && !kept.empty()) {
    made.error().message = fmt::format("recording asks {}, whose limits or refresh token the state keeps: {}",
                                       fmt::join(kept, ", "), made.error().message);
  }
  return made;
}

std::vector<Recording> record_polls(Runtime& runtime, const fixture::Witness& witness,
                                    const std::string& name, Time at) {
  std::vector<Recording> out;
  FixtureLoader loader(runtime.file.path, config::process_environment());
  for (const auto& [poll_name, poll] : runtime.file.polls) {
    Recording& one = out.emplace_back();
    one.place = fixture::place_of(runtime.file.path, poll_name, name);
    auto done = record_one(runtime, loader, witness, poll, at, one);
    if (!done) one.error = done.error();
    if (one.error) one.error->message = runtime.redactor.redact(one.error->message);
  }
  return out;
}

}  // namespace pollux::app

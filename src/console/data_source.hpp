#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the console shows, as the app hands it over: the console knows no poll and no store itself. Texts are
// the operator's: they may name hosts, and secrets are already hidden in them. Called on the io thread for
// each request.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/task.hpp"

namespace pollux::console {

/// One file that a poll publishes.
struct ObjectLink {
  std::string store;
  std::string path;
  std::string
      url;  // where it can be read: http(s) or relative to the console's root; empty: not shown as a link
};

struct PollView {
  std::string name;
  std::string state;  // published, unchanged, kept, failed, skipped; "" before the first run
  bool running = false;
  std::string outcome;  // one line of what the last run did
  std::optional<Time> last_run;
  std::optional<Time> last_ok;
  std::optional<Time> next_run;
  std::string last_error;  // of the last run that kept or failed; empty after a good one
  std::optional<Millis> duration;
  std::vector<ObjectLink> objects;
};

struct StatusView {
  std::string version;
  Time started_at{};
  Time now{};
  bool ready = false;     // the first scheduling is done
  bool draining = false;  // asked to stop
  std::vector<PollView> polls;
};

/// An object as a store keeps it, with what its sidecar says.
struct StoredObject {
  std::string body;
  std::string content_type;
  std::string cache_control;
};

struct DataSource {
  std::function<StatusView()> status;
  /// nullopt: no such object.
  std::function<Task<Result<std::optional<StoredObject>>>(std::string store, std::string path)> read;
};

/// A directory store that /public/ serves.
struct PublicStore {
  std::string name;
  std::vector<std::string> cors_origins;  // empty: any origin
};

}  // namespace pollux::console

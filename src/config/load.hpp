#pragma once
// SPDX-License-Identifier: Apache-2.0
// pollux.yaml in, checked structs or all faults at once out. The only inputs are the file's text and an
// Environment, so that it is tested without any I/O; read_file() and process_environment() are the thin real
// ones. Any thread.

#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"

namespace pollux::config {

/// One thing that is wrong with a file.
struct Fault {
  std::filesystem::path file;
  Mark at;
  std::string path;      // "polls.wait-times.every"
  std::string found;     // what stands there, with secrets hidden; may be empty
  std::string expected;  // what could stand there
  std::string mend;      // what to do: "did you mean `every`?"; may be empty
  bool warning = false;  // the file works all the same

  /// One line: "pollux.yaml:12:5: polls.wait-times.evry: unknown key; expected one of ...; did you mean
  /// `every`?"
  std::string text() const;
};

/// Where ${...} comes from.
struct Environment {
  /// ${NAME}; nullopt when not set. Asked for `file:PATH` and `vcap:service.key` too, by the same names: who
  /// has an answer stands in for the file and the service (the process's own has none).
  std::function<std::optional<std::string>(const std::string& name)> variable;
  /// ${file:PATH}, schemas and the file itself: the contents, or why not.
  std::function<Result<std::string>(const std::filesystem::path& path)> read;
};

/// The real process: getenv and the file system.
Environment process_environment();

struct Loaded {
  File file;
  std::vector<Fault> warnings;
};

/// Reads, substitutes and checks `path`. On failure all faults, in the order of the file. What cannot be seen
/// here without running something (jq programs, the content of JSON Schemas) is left to `pollux check`.
std::expected<Loaded, std::vector<Fault>> load(const std::filesystem::path& path,
                                               const Environment& environment);

/// The JSON Schema (draft 7) of the file: it accepts what load() accepts, but for what spans places (a poll
/// that names an upstream which is not there) or needs the environment.
std::string schema_json();

}  // namespace pollux::config

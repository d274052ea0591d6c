#pragma once
// SPDX-License-Identifier: Apache-2.0
// Runs jq programs somewhere where they can do no harm. The interface that run_once and `pollux check` see;
// WorkerPool (worker_pool.hpp) is the real one. Owned by the app, used on the io thread.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "net/task.hpp"

namespace pollux::transform {

struct Program {
  std::string text;
  Millis timeout = std::chrono::seconds(5);
  Bytes memory{256ULL << 20};
};

/// What the program sees beside its input.
struct Variables {
  long long fetched_at = 0;          // $fetched_at: Unix seconds
  std::string poll;                  // $poll
  std::string vars_json = "{}";      // $vars, an object
  std::string cursor_json = "null";  // $cursor: what the run started from
};

/// Where a program does not compile; line and column from 1, in the program's own text. column 0: not known.
struct CompileFault {
  int line = 1;
  int column = 0;
  std::string message;
};

class ProgramRunner {
 public:
  virtual ~ProgramRunner() = default;

  /// The program's one value as compact JSON. Errors: kTransform (does not compile, raised an error, gave no
  /// value or more than one, ran too long, took too much memory), kCanceled.
  virtual Task<Result<std::string>> run(Program program, std::string input_json, Variables variables) = 0;

  /// Compiles only. No faults: it compiles. An Error only where no worker could be started.
  virtual Task<Result<std::vector<CompileFault>>> compile(std::string program) = 0;
};

}  // namespace pollux::transform

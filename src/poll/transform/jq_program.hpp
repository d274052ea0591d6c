#pragma once
// SPDX-License-Identifier: Apache-2.0
// One compiled jq program (libjq 1.6). Used inside a worker process only: libjq may loop for ever, abort()
// when memory ends, or crash on a deep value, and takes the process with it. Not thread-safe.

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "poll/transform/program_runner.hpp"
#include "poll/transform/protocol.hpp"

struct jq_state;

namespace pollux::transform {

class JqProgram {
 public:
  using Compiled = std::expected<std::unique_ptr<JqProgram>, std::vector<CompileFault>>;

  /// What libjq calls where it would abort() for want of memory; must not return. For all programs compiled
  /// afterwards.
  static void on_out_of_memory(void (*handler)());

  /// 15 to 20 ms; twice that for a program with a fault, whose column is then looked for.
  static Compiled compile(std::string_view program);

  /// The one value as compact JSON, or why there is none. May be called again unless it is spent.
  std::expected<std::string, std::string> run(const RunRequest& request);
  /// It called `halt` or `halt_error`: libjq 1.6 frees the message at each later start again, so it must be
  /// compiled anew.
  bool spent() const { return spent_; }

  ~JqProgram();
  JqProgram(const JqProgram&) = delete;
  JqProgram& operator=(const JqProgram&) = delete;

 private:
  explicit JqProgram(jq_state* state) : state_(state) {}
  jq_state* state_;
  bool spent_ = false;
};

}  // namespace pollux::transform

// SPDX-License-Identifier: Apache-2.0
#include "app/verify.hpp"

#include <algorithm>

#include "config/program_place.hpp"

namespace pollux::app {
namespace {

config::Fault fault_of(const config::File& file, const config::Poll& poll,
                       const transform::CompileFault& compile) {
  config::Fault fault;
  fault.file = file.path;
  fault.at = config::place_in_file(poll.transform, compile.line, std::max(compile.column, 1));
  fault.path = "polls." + poll.name + ".transform.jq";
  fault.found = compile.message;
  fault.expected = "a jq program that compiles";
  return fault;
}

config::Fault fault_of(const config::File& file, const config::Poll& poll, const Error& error) {
  config::Fault fault;
  fault.file = file.path;
  fault.at = poll.check.schema_at;
  fault.path = "polls." + poll.name + ".check.schema";
  fault.found = error.message;
  fault.expected = "a JSON Schema of draft 7";
  return fault;
}

Result<check::Schema> compile_schema(const std::filesystem::path& path,
                                     const config::Environment& environment) {
  auto text = environment.read(path);
  if (!text) return std::unexpected(text.error());
  return check::Schema::compile(*text, path.filename().string());
}

// A cursor's program is short: its fault points at where it begins.
config::Fault cursor_fault(const config::File& file, const config::Poll& poll,
                           const transform::CompileFault& compile) {
  config::Fault fault;
  fault.file = file.path;
  fault.at = poll.cursor->at;
  fault.path = "polls." + poll.name + ".cursor";
  fault.found = compile.message;
  fault.expected = "a jq program that compiles";
  return fault;
}

using Compiled = std::map<std::string, std::vector<transform::CompileFault>>;  // by program

// Each program once, however many polls have it.
Task<Result<void>> compile_once(transform::ProgramRunner& programs, const std::string& program,
                                Compiled& compiled) {
  if (program.empty() || compiled.contains(program)) co_return Result<void>{};
  auto faults = co_await programs.compile(program);
  if (!faults) co_return std::unexpected(faults.error());
  compiled.emplace(program, std::move(*faults));
  co_return Result<void>{};
}

}  // namespace

Task<Result<Verified>> verify(const config::File& file, const config::Environment& environment,
                              transform::ProgramRunner& programs) {
  Verified out;
  Compiled compiled;
  std::map<std::filesystem::path, Result<check::Schema>> schemas;
  for (const auto& [name, poll] : file.polls) {
    const std::string& program = poll.transform.jq;
    if (auto done = co_await compile_once(programs, program, compiled); !done)
      co_return std::unexpected(done.error());
    if (!program.empty()) {
      for (const auto& fault : compiled.at(program)) out.faults.push_back(fault_of(file, poll, fault));
    }
    if (poll.cursor) {
      if (auto done = co_await compile_once(programs, poll.cursor->jq, compiled); !done)
        co_return std::unexpected(done.error());
      for (const auto& fault : compiled.at(poll.cursor->jq))
        out.faults.push_back(cursor_fault(file, poll, fault));
    }
    if (!poll.check.schema) continue;
    auto known = schemas.find(*poll.check.schema);
    if (known == schemas.end()) {
      known = schemas.emplace(*poll.check.schema, compile_schema(*poll.check.schema, environment)).first;
    }
    if (known->second) {
      out.schemas.emplace(name, *known->second);
    } else {
      out.faults.push_back(fault_of(file, poll, known->second.error()));
    }
  }
  co_return out;
}

}  // namespace pollux::app

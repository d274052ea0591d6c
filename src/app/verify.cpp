// SPDX-License-Identifier: Apache-2.0
#include "app/verify.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "config/program_place.hpp"

namespace pollux::app {
namespace {

// A program of a poll, and its key in the file.
struct Place {
  const config::ProgramText& program;
  std::string path;
};

std::vector<Place> programs_of(const config::Poll& poll) {
  std::vector<Place> found;
  auto add = [&](const config::ProgramText& program, const std::string& below) {
    if (!program.jq.empty()) found.push_back({program, "polls." + poll.name + "." + below});
  };
  add(poll.transform, "transform.jq");
  if (poll.cursor) add(*poll.cursor, "cursor");
  for (const config::Step& step : poll.steps) {
    if (!step.pages) continue;
    const std::string paginate = "fetch." + (step.name.empty() ? "" : step.name + ".") + "paginate.";
    add(step.pages->until, paginate + "until");
    if (const auto* next = std::get_if<config::Pages::Program>(&step.pages->next))
      add(*next, paginate + "jq");
  }
  return found;
}

config::Fault fault_of(const config::File& file, const Place& place, const transform::CompileFault& compile) {
  config::Fault fault;
  fault.file = file.path;
  fault.at = config::place_in_file(place.program, compile.line, std::max(compile.column, 1));
  fault.path = place.path;
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

// What polls share (a program, a schema; all that one for_each made) is told of once.
void tell_once(std::vector<config::Fault>& faults) {
  std::set<std::tuple<int, int, std::string>> told;
  std::erase_if(faults, [&](const config::Fault& fault) {
    return !told.emplace(fault.at.line, fault.at.column, fault.found).second;
  });
}

}  // namespace

Task<Result<Verified>> verify(const config::File& file, const config::Environment& environment,
                              transform::ProgramRunner& programs) {
  Verified out;
  std::map<std::string, std::vector<transform::CompileFault>> compiled;  // by program
  std::map<std::filesystem::path, Result<check::Schema>> schemas;
  for (const auto& [name, poll] : file.polls) {
    for (const Place& place : programs_of(poll)) {
      const std::string& program = place.program.jq;
      if (!compiled.contains(program)) {
        auto faults = co_await programs.compile(program);
        if (!faults) co_return std::unexpected(faults.error());
        compiled.emplace(program, std::move(*faults));
      }
      for (const auto& fault : compiled.at(program)) out.faults.push_back(fault_of(file, place, fault));
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
  tell_once(out.faults);
  co_return out;
}

}  // namespace pollux::app

// SPDX-License-Identifier: Apache-2.0
#include "poll/transform/jq_program.hpp"

extern "C" {
#include <jq.h>
#include <jv.h>
}

#include <climits>
#include <utility>

#include "poll/transform/compile_fault.hpp"
#include "poll/transform/token_lines.hpp"

namespace pollux::transform {
namespace {

// The variables come in with the input, so that a program is compiled once for all runs. No line break: the
// program's first line stays line 1, for $__loc__ too. Nothing is closed behind the program: it could close
// more than it opened.
constexpr std::string_view kPrelude =
    ".[1] as $fetched_at|.[2] as $poll|.[3] as $vars|.[4] as $cursor|.[0]|def now:$fetched_at;";

void (*out_of_memory)() = nullptr;

// Each state brings its own handler into force when it compiles or starts, over one that was set for the
// whole process.
void handle_no_memory(void*) {
  if (out_of_memory != nullptr) out_of_memory();
}

// Owns a jv: libjq's functions consume their arguments, so what is passed on is released.
class Json {
 public:
  explicit Json(jv value) : value_(value) {}
  ~Json() { jv_free(value_); }
  Json(const Json&) = delete;
  Json& operator=(const Json&) = delete;

  bool valid() const { return jv_is_valid(value_) != 0; }
  bool has_message() const { return jv_invalid_has_msg(jv_copy(value_)) != 0; }
  jv copy() const { return jv_copy(value_); }
  std::string_view text() const {
    return {jv_string_value(value_), static_cast<std::size_t>(jv_string_length_bytes(jv_copy(value_)))};
  }

 private:
  jv value_;
};

jv string_of(std::string_view text) { return jv_string_sized(text.data(), static_cast<int>(text.size())); }

void collect(void* into, jv message) {
  Json owned(message);
  Json text(jv_get_kind(message) == JV_KIND_STRING ? owned.copy() : jv_dump_string(owned.copy(), 0));
  static_cast<std::vector<std::string>*>(into)->emplace_back(text.text());
}

jv no_input(jq_state*, void*) {
  return jv_invalid_with_msg(jv_string("`input` and `inputs` are not available: the whole input is `.`"));
}

// What libjq says of the program with the prelude before it; none: it compiled.
std::vector<std::string> try_compile(jq_state* state, std::string_view program) {
  std::vector<std::string> messages;
  jq_set_error_cb(state, collect, &messages);
  std::string whole = std::string(kPrelude).append(program);
  bool compiled = jq_compile(state, whole.c_str()) != 0;
  jq_set_error_cb(state, nullptr, nullptr);
  if (compiled) return {};
  if (messages.empty()) messages.emplace_back("jq: error: does not compile");
  return messages;
}

// The text of an error value: itself if it is a string, else as JSON (`error({a: 1})`).
std::string message_of(jv error) {
  Json owned(error);
  if (jv_get_kind(error) == JV_KIND_STRING) return std::string(owned.text());
  Json text(jv_dump_string(owned.copy(), 0));
  return "raised " + std::string(text.text());
}

std::unexpected<std::string> parse_failure(std::string_view what, jv invalid) {
  std::string reason = message_of(jv_invalid_get_msg(invalid));
  if (reason.find("depth limit") != std::string::npos)
    reason = "it is nested deeper than 256 levels, more than jq can read";
  return std::unexpected(std::string(what) + " cannot be read: " + reason);
}

// [input, $fetched_at, $poll, $vars, $cursor], as the prelude takes it apart.
std::expected<jv, std::string> input_of(const RunRequest& request) {
  if (request.input.size() > INT_MAX / 4) return std::unexpected("the input is too large for jq");
  jv input = jv_parse_sized(request.input.data(), static_cast<int>(request.input.size()));
  if (!jv_is_valid(input)) return parse_failure("the input", input);
  jv vars = jv_parse_sized(request.vars_json.data(), static_cast<int>(request.vars_json.size()));
  if (!jv_is_valid(vars)) {
    jv_free(input);
    return parse_failure("$vars", vars);
  }
  jv cursor = jv_parse_sized(request.cursor_json.data(), static_cast<int>(request.cursor_json.size()));
  if (!jv_is_valid(cursor)) {
    jv_free(input);
    jv_free(vars);
    return parse_failure("$cursor", cursor);
  }
  jv all = jv_array_append(jv_array_sized(5), input);
  all = jv_array_append(all, jv_number(static_cast<double>(request.fetched_at)));
  all = jv_array_append(all, string_of(request.poll));
  all = jv_array_append(all, vars);
  return jv_array_append(all, cursor);
}

// Why there is no further value; empty: the program came to its end.
std::string end_of(jq_state* state, jv invalid) {
  Json owned(invalid);
  if (jq_halted(state) != 0) {
    Json message(jq_get_error_message(state));
    if (!message.valid()) return "the program called `halt`";
    return "the program called `halt_error`: " + message_of(message.copy());
  }
  return owned.has_message() ? message_of(jv_invalid_get_msg(owned.copy())) : "";
}

std::expected<std::string, std::string> only_value(jq_state* state) {
  jv first = jq_next(state);
  if (!jv_is_valid(first)) {
    std::string reason = end_of(state, first);
    return std::unexpected(reason.empty() ? "the program gave no value; exactly one is published" : reason);
  }
  Json value(first);
  jv second = jq_next(state);
  if (jv_is_valid(second)) {
    jv_free(second);
    return std::unexpected("the program gave more than one value; wrap it in [ ] to publish a list");
  }
  if (std::string reason = end_of(state, second); !reason.empty()) return std::unexpected(std::move(reason));
  Json text(jv_dump_string(value.copy(), 0));
  if (text.text().size() > kLargestOutput) return std::unexpected("the program gave more than 64 MiB");
  return std::string(text.text());
}

}  // namespace

void JqProgram::on_out_of_memory(void (*handler)()) { out_of_memory = handler; }

JqProgram::Compiled JqProgram::compile(std::string_view program) {
  if (program.find('\0') != std::string_view::npos) {
    return std::unexpected(std::vector{CompileFault{1, 1, "the program contains a NUL character"}});
  }
  TokenLines tokens(program);
  if (tokens.empty()) return std::unexpected(std::vector{CompileFault{1, 1, "the program is empty"}});
  jq_state* state = jq_init();
  if (state == nullptr) return std::unexpected(std::vector{CompileFault{1, 0, "libjq could not be started"}});
  jq_set_nomem_handler(state, handle_no_memory, nullptr);
  std::unique_ptr<JqProgram> compiled(new JqProgram(state));
  auto messages = try_compile(state, program);
  if (!messages.empty())
    return std::unexpected(faults_of(messages, try_compile(state, tokens.text()), tokens));
  jq_set_input_cb(state, no_input, nullptr);
  // libjq 1.6 leaves this one uninitialised, and `debug` would call whatever stands there.
  jq_set_debug_cb(state, [](void*, jv message) { jv_free(message); }, nullptr);
  return compiled;
}

std::expected<std::string, std::string> JqProgram::run(const RunRequest& request) {
  auto input = input_of(request);
  if (!input) return std::unexpected(std::move(input.error()));
  jq_start(state_, *input, 0);
  auto outcome = only_value(state_);
  spent_ = jq_halted(state_) != 0;
  // What an unfinished program still holds would count against the next one's memory.
  if (!outcome && !spent_) jq_start(state_, jv_null(), 0);
  return outcome;
}

JqProgram::~JqProgram() { jq_teardown(&state_); }

}  // namespace pollux::transform

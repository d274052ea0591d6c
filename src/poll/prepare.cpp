// SPDX-License-Identifier: Apache-2.0
// The first three verbs of a run.
#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "net/on_pool.hpp"
#include "poll/check/leak_scan.hpp"
#include "poll/poll_programs.hpp"
#include "poll/run_once.hpp"
#include "poll/transform/number_scan.hpp"
#include "poll/window.hpp"

namespace pollux::poll {
namespace {

class Stopwatch {
 public:
  Stopwatch(const Clock& clock, Millis& into) : clock_(clock), into_(into), begun_(clock.steady()) {}
  ~Stopwatch() { into_ += std::chrono::duration_cast<Millis>(clock_.steady() - begun_); }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  const Clock& clock_;
  Millis& into_;
  std::chrono::steady_clock::time_point begun_;
};

Error in_step(Error error, const std::string& step) {
  if (error.where.empty()) error.where = step;
  return error;
}

using Answers = std::vector<fetch::Answer>;

// What came back, before anybody judges it: the first thing one wants to see of a poll that does not work.
void show_answers(const Stages& stages, const config::Poll& poll, const Answers& answers) {
  constexpr std::size_t kShown = 1000;
  if (!stages.logger.wants(log::Level::kDebug)) return;
  for (const fetch::Answer& answer : answers) {
    std::string name = answer.step.empty() ? poll.name : poll.name + ": " + answer.step;
    // Redacted before it is cut: half a secret would not be known for one.
    std::string body = stages.redactor.redact(answer.body).substr(0, kShown);
    stages.logger.debug(
        "answer", fmt::format("{}: {} bytes of {}: {}", name, answer.body.size(), answer.content_type, body),
        {{"poll", poll.name}, {"step", answer.step}});
  }
}

Result<void> check_answers(const Answers& answers) {
  for (const fetch::Answer& answer : answers) {
    if (answer.format != config::Format::kJson) continue;
    if (auto json = check_json(answer.body); !json)
      return std::unexpected(in_step(json.error(), answer.step));
  }
  return {};
}

// A text becomes a JSON string, which only UTF-8 can be; one that is published as it is may be any bytes.
Result<void> check_texts(const Answers& answers) {
  for (const fetch::Answer& answer : answers) {
    if (answer.format != config::Format::kText) continue;
    if (check_json(json_quote(answer.body))) continue;
    return fail(ErrorKind::kMalformed, "the text is not UTF-8, so it cannot stand in JSON", Retry::never(),
                answer.step);
  }
  return {};
}

// The answers as one JSON text. Their own bytes are pasted in, so that no number is ever reformatted.
std::string as_input(const config::Poll& poll, Answers answers) {
  auto as_json = [](fetch::Answer& answer) {
    return answer.format == config::Format::kJson ? std::move(answer.body) : json_quote(answer.body);
  };
  if (!poll.named_steps) return as_json(answers.front());
  std::string out = "{";
  for (fetch::Answer& answer : answers) {
    if (out.size() > 1) out += ',';
    out += json_quote(answer.step) + ":" + as_json(answer);
  }
  return out + "}";
}

Result<void> check_exact(std::string_view input) {
  auto inexact = transform::first_inexact(input);
  if (!inexact) return {};
  return fail(ErrorKind::kInexact, transform::describe(*inexact));
}

Result<void> check_result(const Stages& stages, const config::Poll& poll, const std::string& body) {
  if (auto schema = stages.schemas.find(poll.name); schema != stages.schemas.end()) {
    if (auto fits = schema->second.validate(body); !fits) return fits;
  }
  return check::check_no_secret(body, stages.redactor);
}

Task<Result<std::string>> transform_answers(const Stages& stages, const config::Poll& poll, std::string input,
                                            const transform::Variables& variables) {
  if (poll.transform.jq.empty()) co_return input;
  if (!poll.transform.round_integers) {
    auto scan = [&input] { return check_exact(input); };
    auto exact = co_await net::on_pool_if_large(&stages.pool, input.size(), scan);
    if (!exact) co_return std::unexpected(in_step(exact.error(), "transform"));
  }
  auto value = co_await stages.programs.run(program_of(poll, poll.transform.jq), std::move(input), variables);
  if (!value) co_return std::unexpected(in_step(value.error(), "transform"));
  co_return std::move(*value);
}

// The next run's cursor; the one before where this run has found no further one.
Task<Result<std::string>> next_cursor(const Stages& stages, const config::Poll& poll,
                                      const std::string& input, const Before& before,
                                      const transform::Variables& variables) {
  if (!poll.cursor) co_return std::string();
  auto scan = [&input] { return check_exact(input); };
  auto exact = co_await net::on_pool_if_large(&stages.pool, input.size(), scan);
  if (!exact) co_return std::unexpected(in_step(exact.error(), "cursor"));
  auto value = co_await stages.programs.run(program_of(poll, poll.cursor->jq), input, variables);
  if (!value) co_return std::unexpected(in_step(value.error(), "cursor"));
  if (*value == "null") co_return before.cursor;
  co_return std::move(*value);
}

// What was made, or the window with it.
Task<Result<std::string>> into_window(const Stages& stages, const config::Poll& poll, std::string made,
                                      const Before& before, Time at) {
  if (!poll.window) co_return made;
  Result<std::string> window;
  auto work = [&]() -> Result<void> {
    window = roll(before.window, made, *poll.window, at);
    return window ? Result<void>() : std::unexpected(window.error());
  };
  auto rolled = co_await net::on_pool_if_large(&stages.pool, before.window.size() + made.size(), work);
  if (!rolled) co_return std::unexpected(in_step(rolled.error(), "window"));
  co_return std::move(*window);
}

}  // namespace

Task<Result<void>> judge(const Stages& stages, const config::Poll& poll, const std::string& body) {
  auto look = [&] { return check_result(stages, poll, body); };
  auto good = co_await net::on_pool_if_large(&stages.pool, body.size(), look);
  if (!good) co_return std::unexpected(in_step(good.error(), "check"));
  co_return Result<void>{};
}

Task<Result<Prepared>> prepare(const Stages& stages, const config::Poll& poll, Slot slot,
                               const Before& before, fetch::Effort& effort, Durations& took) {
  Prepared prepared;
  Result<fetch::Fetched> fetched;
  {
    Stopwatch watch(stages.clock, took.fetch);
    fetch::Asked asked{slot.at, slot.until, before.cursor, before.validators, slot.waits_out_trouble};
    fetched = co_await stages.fetcher.fetch(poll, asked, effort);
  }
  if (!fetched) co_return std::unexpected(fetched.error());
  prepared.validators = std::move(fetched->validators);
  prepared.not_modified = fetched->not_modified;
  if (prepared.not_modified) co_return prepared;
  Answers& answers = fetched->answers;
  show_answers(stages, poll, answers);
  const bool as_it_is = poll.transform.jq.empty() && !poll.named_steps && !poll.cursor && !poll.window &&
                        answers.front().format == config::Format::kText;
  // Of a text nothing is said: the object's own name tells its type, never the upstream, whose text/html
  // would run in the bucket's origin.
  if (!as_it_is) prepared.content_type = "application/json";
  {
    Stopwatch watch(stages.clock, took.check);
    auto look = [&answers, as_it_is] {
      auto json = check_answers(answers);
      return !json || as_it_is ? json : check_texts(answers);
    };
    auto right = co_await net::on_pool_if_large(&stages.pool, effort.bytes, look);
    if (!right) co_return std::unexpected(right.error());
  }
  if (as_it_is) {
    prepared.body = std::move(answers.front().body);
  } else {
    Stopwatch watch(stages.clock, took.transform);
    std::string input = as_input(poll, std::move(answers));
    const transform::Variables variables = variables_of(poll, before.cursor, slot.at);
    auto cursor = co_await next_cursor(stages, poll, input, before, variables);
    if (!cursor) co_return std::unexpected(cursor.error());
    prepared.cursor = std::move(*cursor);
    auto value = co_await transform_answers(stages, poll, std::move(input), variables);
    if (!value) co_return std::unexpected(value.error());
    auto published = co_await into_window(stages, poll, std::move(*value), before, slot.at);
    if (!published) co_return std::unexpected(published.error());
    prepared.body = std::move(*published);
  }
  Stopwatch watch(stages.clock, took.check);
  if (auto good = co_await judge(stages, poll, prepared.body); !good) co_return std::unexpected(good.error());
  co_return prepared;
}

}  // namespace pollux::poll

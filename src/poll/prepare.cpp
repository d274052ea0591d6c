// SPDX-License-Identifier: Apache-2.0
// The first three verbs of a run.
#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "net/on_pool.hpp"
#include "poll/check/leak_scan.hpp"
#include "poll/run_once.hpp"
#include "poll/transform/number_scan.hpp"

namespace pollux::poll {
namespace {

// Below this, checking on the io thread costs less than the way to the pool and back.
constexpr std::size_t kInline = 256 * 1024;

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

// On the pool when there is much of it.
template <class Work>
Task<Result<void>> somewhere(asio::thread_pool& pool, std::size_t size, Work work) {
  if (size < kInline) co_return work();
  co_return co_await net::on_pool(pool, std::move(work));
}

Task<Result<std::string>> transform_answers(const Stages& stages, const config::Poll& poll, std::string input,
                                            Time at) {
  if (poll.transform.jq.empty()) co_return input;
  if (!poll.transform.round_integers) {
    auto scan = [&input] { return check_exact(input); };
    auto exact = co_await somewhere(stages.pool, input.size(), scan);
    if (!exact) co_return std::unexpected(in_step(exact.error(), "transform"));
  }
  transform::Program program{poll.transform.jq, poll.transform.timeout, poll.transform.memory};
  long long seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  transform::Variables variables{seconds, poll.name, poll.vars_json};
  auto value = co_await stages.programs.run(std::move(program), std::move(input), std::move(variables));
  if (!value) co_return std::unexpected(in_step(value.error(), "transform"));
  co_return std::move(*value);
}

}  // namespace

Task<Result<Prepared>> prepare(const Stages& stages, const config::Poll& poll, Slot slot,
                               fetch::Effort& effort, Durations& took, fetch::Validators known) {
  Prepared prepared;
  Result<fetch::Fetched> fetched;
  {
    Stopwatch watch(stages.clock, took.fetch);
    fetch::Asked asked{slot.at, slot.until, {}, std::move(known)};
    fetched = co_await stages.fetcher.fetch(poll, asked, effort);
  }
  if (!fetched) co_return std::unexpected(fetched.error());
  prepared.validators = std::move(fetched->validators);
  prepared.not_modified = fetched->not_modified;
  if (prepared.not_modified) co_return prepared;
  Answers& answers = fetched->answers;
  show_answers(stages, poll, answers);
  const bool as_it_is =
      poll.transform.jq.empty() && !poll.named_steps && answers.front().format == config::Format::kText;
  // Of a text nothing is said: the object's own name tells its type, never the upstream, whose text/html
  // would run in the bucket's origin.
  if (!as_it_is) prepared.content_type = "application/json";
  {
    Stopwatch watch(stages.clock, took.check);
    auto look = [&answers, as_it_is] {
      auto json = check_answers(answers);
      return !json || as_it_is ? json : check_texts(answers);
    };
    auto right = co_await somewhere(stages.pool, effort.bytes, look);
    if (!right) co_return std::unexpected(right.error());
  }
  if (as_it_is) {
    prepared.body = std::move(answers.front().body);
  } else {
    Stopwatch watch(stages.clock, took.transform);
    std::string input = as_input(poll, std::move(answers));
    auto value = co_await transform_answers(stages, poll, std::move(input), slot.at);
    if (!value) co_return std::unexpected(value.error());
    prepared.body = std::move(*value);
  }
  Stopwatch watch(stages.clock, took.check);
  auto judge = [&] { return check_result(stages, poll, prepared.body); };
  auto good = co_await somewhere(stages.pool, prepared.body.size(), judge);
  if (!good) co_return std::unexpected(in_step(good.error(), "check"));
  co_return prepared;
}

}  // namespace pollux::poll

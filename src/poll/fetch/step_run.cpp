// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/step_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_text.hpp"
#include "net/on_pool.hpp"
#include "poll/fetch/formats.hpp"
#include "poll/fetch/pages/page_address.hpp"
#include "poll/fetch/pages/pager.hpp"
#include "poll/fetch/request.hpp"
#include "poll/fetch/validators.hpp"

namespace pollux::fetch {
namespace {

Task<Result<std::string>> converted(const StepContext& context, net::HttpResponse& response) {
  auto convert = [&context, &response] {
    return as_json(context.step, std::move(response.body), response.header("Content-Type"),
                   context.session.upstream().max_answer);
  };
  co_return co_await net::on_pool_if_large(context.pool, response.body.size(), convert);
}

// A POST that may have arrived is not sent again, unless the step says that it is safe.
Manner manner_of(const StepContext& context) {
  return {context.step.method != config::Method::kPost || context.step.safe, context.asked.until,
          context.asked.waits_out_trouble};
}

config::Format left_of(config::Format told) {
  return told == config::Format::kText ? config::Format::kText : config::Format::kJson;
}

// All pages may have as many bytes as one answer, as they come and as the JSON that stands in memory.
class Pages {
 public:
  Pages(const StepContext& context, net::HttpRequest first)
      : context_(context), request_(std::move(first)), pager_(*context.step.pages) {}

  Task<Result<Answer>> fetch() {
    Answer answer{context_.step.name, config::Format::kJson, {}, {}};
    std::optional<std::string> next = pager_.first(request_.url);
    while (next) {
      const std::size_t number = pager_.number();
      auto got = co_await one(*next, answer.content_type);
      if (!got) co_return std::unexpected(on_page(got.error(), number));
      next = std::move(*got);
    }
    answer.body = pager_.take_list();
    co_return answer;
  }

 private:
  Task<Result<std::optional<std::string>>> one(std::string url, std::string& content_type) {
    auto response = co_await send(url);
    if (!response) co_return std::unexpected(response.error());
    ++context_.effort.pages;
    content_type = response->header("Content-Type");
    if (auto fits = can_be_paged(content_type); !fits) co_return std::unexpected(fits.error());
    auto json = co_await as_page(*response);
    if (!json) co_return std::unexpected(json.error());
    bytes_ += json->size();
    Page page{std::move(url), std::move(*json), std::move(response->headers)};
    Verdicts verdicts;
    const auto& pages = *context_.step.pages;
    if (!pages.until.jq.empty()) {
      auto said = co_await evaluate(pages.until.jq, page.json);
      if (!said) co_return std::unexpected(said.error());
      verdicts.until = std::move(*said);
    }
    if (const auto* program = std::get_if<config::Pages::Program>(&pages.next)) {
      auto said = co_await evaluate(program->jq, program_input(page, pager_.number()));
      if (!said) co_return std::unexpected(said.error());
      verdicts.next = std::move(*said);
    }
    auto step = [this, &page, &verdicts] { return pager_.step(page, verdicts); };
    co_return co_await net::on_pool_if_large(context_.pool, page.json.size(), step);
  }

  Task<Result<net::HttpResponse>> send(const std::string& url) {
    if (left().count == 0) co_return too_large();
    net::HttpRequest request = request_;
    request.url = url;
    request.max_body = left();
    // An API that puts its own key into the next address would get it twice.
    if (const auto* key = std::get_if<config::KeyAuth>(&context_.session.upstream().auth);
        key != nullptr && key->in == config::KeyAuth::In::kQuery)
      request.url = without_parameter(request.url, key->name);
    auto response = co_await context_.session.send(std::move(request), manner_of(context_), context_.effort);
    if (!response && is_too_large_together(response.error())) co_return too_large();
    co_return response;
  }

  // Whole JSON before any program sees it: to jq a page of HTML is an invalid number.
  Task<Result<std::string>> as_page(net::HttpResponse& response) const {
    auto convert = [this, &response] {
      auto json = as_json(context_.step, std::move(response.body), response.header("Content-Type"), left());
      if (!json) return json;
      auto whole = check_json(*json);
      return whole ? std::move(json) : std::unexpected(whole.error());
    };
    auto json = co_await net::on_pool_if_large(context_.pool, response.body.size(), convert);
    if (!json && is_too_large_together(json.error())) co_return too_large();
    co_return json;
  }

  Bytes most() const { return context_.session.upstream().max_answer; }
  Bytes left() const { return Bytes{most().count - std::min(bytes_, most().count)}; }
  bool is_too_large_together(const Error& error) const {
    return error.kind == ErrorKind::kTooLarge && bytes_ > 0;
  }
  std::unexpected<Error> too_large() const {
    return fail(ErrorKind::kTooLarge,
                fmt::format("the pages together are larger than {} (`max_answer`)", describe_bytes(most())));
  }

  // A place in a list of rows is nowhere: the first page would be taken for all.
  Result<void> can_be_paged(std::string_view content_type) const {
    const auto& next = context_.step.pages->next;
    bool by_place = std::holds_alternative<config::Pages::NextUrl>(next) ||
                    std::holds_alternative<config::Pages::CursorParameter>(next);
    if (!by_place || format_of(context_.step.expect, content_type) == config::Format::kJson) return {};
    return fail(ErrorKind::kMalformed, "it is a list of rows, which has no place for the next page");
  }

  Task<Result<std::string>> evaluate(const std::string& program, std::string input) {
    if (!context_.evaluate)
      co_return fail(ErrorKind::kInternal, "nobody is here to run the programs of `paginate`");
    co_return co_await context_.evaluate(context_.poll, context_.asked, program, std::move(input));
  }

  static Error on_page(Error error, std::size_t number) {
    error.message = fmt::format("page {}: {}", number, error.message);
    return error;
  }

  const StepContext& context_;
  net::HttpRequest request_;
  Pager pager_;
  std::size_t bytes_ = 0;  // of the JSON of the pages so far
};

Task<Result<StepAnswer>> run_pages(const StepContext& context, net::HttpRequest request) {
  Pages pages(context, std::move(request));
  auto answer = co_await pages.fetch();
  if (!answer) co_return std::unexpected(answer.error());
  co_return StepAnswer{std::move(*answer), std::nullopt, false};
}

}  // namespace

Task<Result<StepAnswer>> run_step(StepContext context, const Validator* known) {
  auto request = build_request(context.session.upstream(), context.step, context.scope);
  if (!request) co_return std::unexpected(request.error());
  if (context.step.pages) co_return co_await run_pages(context, std::move(*request));
  std::string question = question_of(context.session.upstream(), *request);
  const bool conditional = known != nullptr && known->request == question;
  if (conditional) ask_conditionally(*request, *known);
  const std::string host = net::host_of(request->url);
  auto response = co_await context.session.send(std::move(*request), manner_of(context), context.effort);
  if (!response) co_return std::unexpected(response.error());
  if (response->status == 304) {
    if (conditional) co_return StepAnswer{{}, *known, true};
    co_return fail(ErrorKind::kStatus, fmt::format("304 from {}, which was asked for the whole", host));
  }
  StepAnswer out;
  out.validator = validator_of(*response, std::move(question));
  std::string content_type(response->header("Content-Type"));
  auto body = co_await converted(context, *response);
  if (!body) co_return std::unexpected(body.error());
  out.answer = {context.step.name, left_of(context.step.expect), std::move(*body), std::move(content_type)};
  co_return out;
}

}  // namespace pollux::fetch

// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/resolver.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <map>
#include <optional>
#include <utility>

namespace pollux::egress {
namespace {

using Addresses = std::vector<IpAddress>;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

}  // namespace

// Shared with those who wait, who may outlive the resolver.
struct Resolver::State {
  NameServers servers;
  std::map<std::string, std::weak_ptr<Question>> by_name;  // those under way
  std::map<std::string, std::size_t> by_client;            // how many of these each client has begun
};

// A name that is being looked up. Owned by those who wait for it: the last who leaves takes it along.
class Resolver::Question {
 public:
  Question(std::shared_ptr<State> state, std::string client, std::string name)
      : state_(std::move(state)), client_(std::move(client)), name_(std::move(name)) {
    ++state_->by_client[client_];
  }
  ~Question() { leave(); }
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

  void begin(const asio::any_io_executor& executor) {
    auto done = [this](AresLookup::Outcome outcome) { end(std::move(outcome)); };
    lookup_.emplace(executor, state_->servers, name_, std::move(done));
  }
  void end(Result<Addresses> outcome) {
    outcome_ = std::move(outcome);
    leave();
    for (asio::steady_timer* timer : waiting_) timer->expires_at(asio::steady_timer::time_point::min());
  }
  const std::optional<Result<Addresses>>& outcome() const { return outcome_; }
  std::string asked() const { return lookup_ ? lookup_->asked() : std::string(); }

  // Has a timer expire when there is an outcome.
  class Waiting {
   public:
    Waiting(Question& question, asio::steady_timer& timer)
        : question_(question), place_(question.waiting_.insert(question.waiting_.end(), &timer)) {}
    ~Waiting() { question_.waiting_.erase(place_); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    Question& question_;
    std::list<asio::steady_timer*>::iterator place_;
  };

 private:
  // No longer under way: the client may begin another, and nobody else joins.
  void leave() {
    if (!std::exchange(counts_, false)) return;
    state_->by_name.erase(name_);
    if (auto count = state_->by_client.find(client_); --count->second == 0) state_->by_client.erase(count);
  }

  std::shared_ptr<State> state_;
  std::string client_;
  std::string name_;
  bool counts_ = true;
  std::optional<Result<Addresses>> outcome_;
  std::list<asio::steady_timer*> waiting_;
  std::optional<AresLookup> lookup_;
};

Resolver::Resolver(NameServers servers)
    : state_(std::make_shared<State>(State{std::move(servers), {}, {}})) {}

Resolver::~Resolver() {
  const auto under_way = std::exchange(state_->by_name, {});
  for (const auto& [name, weak] : under_way) {
    if (const auto question = weak.lock())
      question->end(fail(ErrorKind::kCanceled, "resolving " + name + ": the proxy stops"));
  }
}

Task<Result<Addresses>> Resolver::resolve(std::string client, std::string name, Millis limit) {
  const auto executor = co_await asio::this_coro::executor;
  std::shared_ptr<Question> question;
  if (const auto same = state_->by_name.find(name); same != state_->by_name.end()) {
    question = same->second.lock();
  }
  if (!question) {
    const auto count = state_->by_client.find(client);
    if (count != state_->by_client.end() && count->second >= kMostOfOneClient) {
      co_return fail(ErrorKind::kBusy,
                     fmt::format("{} was not looked up: {} has {} names under way already, which is the most",
                                 name, client, kMostOfOneClient),
                     Retry::later());
    }
    question = std::make_shared<Question>(state_, client, name);
    state_->by_name[name] = question;
    question->begin(executor);
  }
  // From here on nothing of the resolver's own: it may end while this waits.
  asio::steady_timer timer(executor, limit);
  const Question::Waiting waiting(*question, timer);
  bool late = false;
  if (!question->outcome()) {
    const auto [error] = co_await timer.async_wait(kTuple);
    late = !error;
  }
  if (question->outcome()) co_return *question->outcome();
  if (!late) co_return fail(ErrorKind::kCanceled, "resolving " + name + ": canceled");
  std::string message =
      fmt::format("{} cannot be resolved: no answer within {}", name, describe_duration(limit));
  if (const std::string asked = question->asked(); !asked.empty()) message += ", asked " + asked;
  co_return fail(ErrorKind::kTimeout, std::move(message), Retry::later());
}

}  // namespace pollux::egress

// SPDX-License-Identifier: Apache-2.0
#include "net/curl_client.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <array>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "net/curl_transfer.hpp"

namespace pollux::net {
namespace {

struct Outcome {
  Result<HttpResponse> response;
  std::string redirect;
};

void start_curl_once() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

// Scheme, host and port: what a redirect must not leave. Credentials are only ever for these three.
std::string origin_of(std::string_view url) {
  std::string origin(url.substr(0, url.find("://")));
  origin += "://" + host_of(url);
  for (char& c : origin) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (origin.starts_with("http://") && origin.ends_with(":80")) origin.resize(origin.size() - 3);
  if (origin.starts_with("https://") && origin.ends_with(":443")) origin.resize(origin.size() - 4);
  return origin;
}

}  // namespace

// Owns the multi handle. Shared with the handlers that Asio still holds, so that a late wake-up finds it
// alive.
class CurlClient::Engine : public std::enable_shared_from_this<Engine> {
 public:
  using Done = std::move_only_function<void(Outcome)>;
  using Steady = std::chrono::steady_clock;

  Engine(asio::io_context& io, const Options& options)
      : io_(io), ready_(io), timer_(io), multi_(curl_multi_init()), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0 || multi_ == nullptr)
      throw std::system_error(errno, std::generic_category(), "epoll_create1");
    ready_.assign(epoll_);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Engine::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Engine::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(options.max_connections));
  }

  ~Engine() {
    for (auto& [easy, transfer] : running_) curl_multi_remove_handle(multi_, easy);
    running_.clear();
    spare_.clear();
    curl_multi_cleanup(multi_);
  }

  void close() {
    closed_ = true;
    disarm();
    boost::system::error_code ignored;
    ready_.cancel(ignored);
  }

  // By what a transfer can be canceled. Handles are used again, so the number tells whether it is still this
  // one.
  struct Ticket {
    CURL* easy;
    std::uint64_t number;
  };

  Ticket start(HttpRequest request, Done done) {
    auto transfer = std::make_unique<Running>(std::move(request), take_easy(), std::move(done), ++started_);
    const std::uint64_t number = started_;
    CURL* easy = transfer->curl.easy();
    if (auto prepared = transfer->curl.prepare(); !prepared) {
      complete(*transfer, {std::unexpected(prepared.error()), {}});
      return {easy, number};
    }
    running_.emplace(easy, std::move(transfer));
    curl_multi_add_handle(multi_, easy);
    settle();
    watch();
    return {easy, number};
  }

  void cancel(Ticket ticket) {
    auto found = running_.find(ticket.easy);
    if (found == running_.end() || found->second->number != ticket.number) return;
    finish(ticket.easy, {fail(ErrorKind::kCanceled, "the request was canceled"), {}});
    settle();
  }

 private:
  struct Running {
    Running(HttpRequest request, CurlEasy easy, Done d, std::uint64_t n)
        : curl(std::move(request), std::move(easy)), done(std::move(d)), number(n) {}
    CurlTransfer curl;
    Done done;
    std::uint64_t number;
  };

  CurlEasy take_easy() {
    if (spare_.empty()) return CurlEasy(curl_easy_init());
    CurlEasy easy = std::move(spare_.back());
    spare_.pop_back();
    return easy;
  }

  void complete(Running& transfer, Outcome outcome) {
    CurlEasy easy = transfer.curl.release();
    curl_easy_reset(easy.get());
    constexpr std::size_t kSpare = 64;
    if (spare_.size() < kSpare) spare_.push_back(std::move(easy));
    asio::post(io_, [done = std::move(transfer.done), result = std::move(outcome)]() mutable {
      done(std::move(result));
    });
  }

  void finish(CURL* easy, Outcome outcome) {
    auto found = running_.find(easy);
    if (found == running_.end()) return;
    auto transfer = std::move(found->second);
    running_.erase(found);
    curl_multi_remove_handle(multi_, easy);
    complete(*transfer, std::move(outcome));
  }

  // Hands out what is finished. Never called from inside one of curl's own callbacks.
  void collect() {
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* easy = message->easy_handle;
      CURLcode code = message->data.result;
      auto& transfer = running_.at(easy)->curl;
      Outcome outcome{transfer.finish(code), transfer.redirect_target()};
      finish(easy, std::move(outcome));
    }
  }

  void watch() {
    if (watching_ || closed_ || running_.empty()) return;
    watching_ = true;
    ready_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](const boost::system::error_code& error) {
                        self->watching_ = false;
                        if (error || self->closed_) return;
                        self->on_ready();
                        self->watch();
                      });
  }

  void on_ready() {
    std::array<epoll_event, 64> events;
    int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
    int running = 0;
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      int action = (event.events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                   (event.events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (event.events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
      curl_multi_socket_action(multi_, event.data.fd, action, &running);
    }
    settle();
  }

  // After each entry into curl: does what curl wants done at once, then hands out what is finished and sets
  // the timer. Bounded, so that a curl that always wants more does not keep the io thread.
  void settle() {
    int running = 0;
    for (int round = 0; round < 4 && due_ && *due_ <= Steady::now(); ++round) {
      due_.reset();
      curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    collect();
    if (running_.empty()) return disarm();
    if (due_ && (!armed_ || *due_ < *armed_)) arm(*due_);
  }

  static int on_socket(CURL*, curl_socket_t socket, int what, void* engine, void* known) {
    auto& self = *static_cast<Engine*>(engine);
    if (what == CURL_POLL_REMOVE) {
      epoll_ctl(self.epoll_, EPOLL_CTL_DEL, socket, nullptr);
      curl_multi_assign(self.multi_, socket, nullptr);
      return 0;
    }
    epoll_event event{};
    event.data.fd = socket;
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
    epoll_ctl(self.epoll_, known != nullptr ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    curl_multi_assign(self.multi_, socket, &self);
    return 0;
  }

  // Only remembered: curl must not be entered again from its own callback, and most of what it asks for here
  // it takes back before it is due.
  static int on_timer(CURLM*, long milliseconds, void* engine) {
    auto& self = *static_cast<Engine*>(engine);
    self.due_.reset();
    if (milliseconds >= 0) self.due_ = Steady::now() + std::chrono::milliseconds(milliseconds);
    return 0;
  }

  // Setting a timer is a system call, so one that stands earlier than need be is left to fire, and looks
  // again.
  void arm(Steady::time_point at) {
    armed_ = at;
    timer_.expires_at(at);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (error || self->closed_) return;
      self->armed_.reset();
      self->settle();
    });
  }

  void disarm() {
    if (armed_) timer_.cancel();
    armed_.reset();
    due_.reset();
  }

  asio::io_context& io_;
  asio::posix::stream_descriptor ready_;
  asio::steady_timer timer_;
  std::optional<Steady::time_point> due_;    // when curl wants to be called without a socket's event
  std::optional<Steady::time_point> armed_;  // when the timer will fire: at the latest when due
  CURLM* multi_;
  int epoll_;  // owned by ready_
  bool watching_ = false;
  bool closed_ = false;
  std::unordered_map<CURL*, std::unique_ptr<Running>> running_;
  std::vector<CurlEasy> spare_;
  std::uint64_t started_ = 0;
};

namespace {

template <class Engine>
Task<Outcome> one_exchange(std::shared_ptr<Engine> engine, HttpRequest request) {
  auto initiate = [engine](auto handler, HttpRequest asked) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto done = [h = std::move(handler)](Outcome outcome) mutable { std::move(h)(std::move(outcome)); };
    auto ticket = engine->start(std::move(asked), std::move(done));
    if (slot.is_connected()) {
      slot.assign([engine, ticket](asio::cancellation_type) { engine->cancel(ticket); });
    }
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(
      initiate, asio::use_awaitable, std::move(request));
}

bool redirects(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool repeats_body(int status) { return status == 307 || status == 308; }

// RFC 9110, 15.4: after 301, 302 and 303 a POST becomes a GET; 307 and 308 repeat it.
void follow(HttpRequest& request, int status, std::string target, bool same_origin) {
  if (!repeats_body(status) && request.method != "HEAD") {
    request.method = "GET";
    request.body.clear();
    std::erase_if(request.headers,
                  [](const auto& h) { return curl_strequal(h.first.c_str(), "Content-Type") != 0; });
  }
  // Another host must not see what was meant for this one: any header may hold a key.
  if (!same_origin) request.headers.clear();
  request.url = std::move(target);
}

}  // namespace

CurlClient::CurlClient(asio::io_context& io) : CurlClient(io, Options{}) {}

CurlClient::CurlClient(asio::io_context& io, Options options) : options_(options) {
  start_curl_once();
  engine_ = std::make_shared<Engine>(io, options);
}

CurlClient::~CurlClient() { engine_->close(); }

Task<Result<HttpResponse>> CurlClient::send(HttpRequest request) {
  for (std::size_t hop = 0;; ++hop) {
    HttpRequest copy = request;
    Outcome outcome = co_await one_exchange(engine_, std::move(copy));
    if (!outcome.response || !redirects(outcome.response->status) || outcome.redirect.empty() ||
        request.redirects == HttpRequest::Redirects::kNone) {
      co_return std::move(outcome.response);
    }
    bool same_origin = origin_of(outcome.redirect) == origin_of(request.url);
    if (!same_origin && request.redirects == HttpRequest::Redirects::kSameHost) {
      co_return fail(
          ErrorKind::kRedirect,
          fmt::format("{} redirects to {}, which is another host; `redirects: any` would follow it",
                      host_of(request.url), host_of(outcome.redirect)));
    }
    if (request.url.starts_with("https:") && !outcome.redirect.starts_with("https:")) {
      co_return fail(ErrorKind::kRedirect,
                     fmt::format("{} redirects from https to http", host_of(request.url)));
    }
    if (!same_origin && repeats_body(outcome.response->status) && !request.body.empty()) {
      co_return fail(ErrorKind::kRedirect,
                     fmt::format("{} redirects a request with a body to {}, which is another host: what "
                                 "is in the body was not meant for it",
                                 host_of(request.url), host_of(outcome.redirect)));
    }
    if (hop >= options_.max_redirects) {
      co_return fail(ErrorKind::kRedirect, fmt::format("{} redirects more than {} times",
                                                       host_of(request.url), options_.max_redirects));
    }
    follow(request, outcome.response->status, std::move(outcome.redirect), same_origin);
  }
}

}  // namespace pollux::net

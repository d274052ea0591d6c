// SPDX-License-Identifier: Apache-2.0
#include "net/curl_engine.hpp"

#include <sys/epoll.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <system_error>

namespace pollux::net {

CurlEngine::CurlEngine(asio::io_context& io, std::size_t max_connections, std::string ca_bundle)
    : io_(io),
      ready_(io),
      timer_(io),
      ca_bundle_(std::move(ca_bundle)),
      multi_(curl_multi_init()),
      epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0 || multi_ == nullptr)
    throw std::system_error(errno, std::generic_category(), "epoll_create1");
  ready_.assign(epoll_);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlEngine::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlEngine::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(max_connections));
}

CurlEngine::~CurlEngine() {
  for (auto& [easy, transfer] : running_) curl_multi_remove_handle(multi_, easy);
  running_.clear();
  spare_.clear();
  curl_multi_cleanup(multi_);
}

void CurlEngine::close() {
  closed_ = true;
  disarm();
  boost::system::error_code ignored;
  ready_.cancel(ignored);
}

CurlEngine::Ticket CurlEngine::start(HttpRequest request, Done done) {
  auto transfer = std::make_unique<Running>(std::move(request), take_easy(), std::move(done), ++started_);
  const std::uint64_t number = started_;
  CURL* easy = transfer->curl.easy();
  if (auto prepared = transfer->curl.prepare(ca_bundle_); !prepared) {
    complete(*transfer, {std::unexpected(prepared.error()), {}});
    return {easy, number};
  }
  running_.emplace(easy, std::move(transfer));
  curl_multi_add_handle(multi_, easy);
  settle();
  watch();
  return {easy, number};
}

void CurlEngine::cancel(Ticket ticket) {
  auto found = running_.find(ticket.easy);
  if (found == running_.end() || found->second->number != ticket.number) return;
  finish(ticket.easy, {fail(ErrorKind::kCanceled, "the request was canceled"), {}});
  settle();
}

CurlEasy CurlEngine::take_easy() {
  if (spare_.empty()) return CurlEasy(curl_easy_init());
  CurlEasy easy = std::move(spare_.back());
  spare_.pop_back();
  return easy;
}

void CurlEngine::complete(Running& transfer, Outcome outcome) {
  CurlEasy easy = transfer.curl.release();
  curl_easy_reset(easy.get());
  constexpr std::size_t kSpare = 64;
  if (spare_.size() < kSpare) spare_.push_back(std::move(easy));
  asio::post(io_, [done = std::move(transfer.done), result = std::move(outcome)]() mutable {
    done(std::move(result));
  });
}

void CurlEngine::finish(CURL* easy, Outcome outcome) {
  auto found = running_.find(easy);
  if (found == running_.end()) return;
  auto transfer = std::move(found->second);
  running_.erase(found);
  curl_multi_remove_handle(multi_, easy);
  complete(*transfer, std::move(outcome));
}

// Hands out what is finished. Never called from inside one of curl's own callbacks.
void CurlEngine::collect() {
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

void CurlEngine::watch() {
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

void CurlEngine::on_ready() {
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
void CurlEngine::settle() {
  int running = 0;
  for (int round = 0; round < 4 && due_ && *due_ <= Steady::now(); ++round) {
    due_.reset();
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  collect();
  if (running_.empty()) return disarm();
  if (due_ && (!armed_ || *due_ < *armed_)) arm(*due_);
}

int CurlEngine::on_socket(CURL*, curl_socket_t socket, int what, void* engine, void* known) {
  auto& self = *static_cast<CurlEngine*>(engine);
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
int CurlEngine::on_timer(CURLM*, long milliseconds, void* engine) {
  auto& self = *static_cast<CurlEngine*>(engine);
  self.due_.reset();
  if (milliseconds >= 0) self.due_ = Steady::now() + std::chrono::milliseconds(milliseconds);
  return 0;
}

// Setting a timer is a system call, so one that stands earlier than need be is left to fire, and looks
// again.
void CurlEngine::arm(Steady::time_point at) {
  armed_ = at;
  timer_.expires_at(at);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || self->closed_) return;
    self->armed_.reset();
    self->settle();
  });
}

void CurlEngine::disarm() {
  if (armed_) timer_.cancel();
  armed_.reset();
  due_.reset();
}

}  // namespace pollux::net

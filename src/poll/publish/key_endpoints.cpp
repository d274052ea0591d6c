// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/key_endpoints.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "base/encoding.hpp"
#include "config/environment_proxy.hpp"
#include "net/on_pool.hpp"
#include "poll/publish/credentials_answer.hpp"
#include "poll/publish/s3_error.hpp"

namespace pollux::publish {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using Answer = Result<HttpResponse>;

constexpr std::size_t kLongestToken = std::size_t{1} << 16;

/// Straight to this machine's metadata; what does not answer at once is not there.
HttpRequest metadata_request(std::string method, std::string url) {
  HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.connect_timeout = std::chrono::seconds(1);
  request.total_timeout = std::chrono::seconds(5);
  request.stall_timeout = std::chrono::seconds(5);
  request.max_body = Bytes{1 << 20};
  return request;
}

bool fits_header(std::string_view text) {
  return !text.empty() && text.size() <= kLongestToken &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7E; });
}

Result<Secret> read_token(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  std::string trimmed(ascii_trimmed(text));
  if (!in.good() && !in.eof()) return fail(ErrorKind::kStorage, file.string() + " cannot be read");
  if (!fits_header(trimmed)) return fail(ErrorKind::kStorage, file.string() + " holds no token");
  return Secret(std::move(trimmed));
}

Error refusal(const HttpResponse& response, const std::string& who, std::string_view tries) {
  const bool passing = response.status >= 500 || response.status == 429;
  const std::string code = parse_s3_fault(response.body).code;
  return Error{response.status == 401 || response.status == 403 ? ErrorKind::kForbidden : ErrorKind::kStorage,
               fmt::format("no credentials: {} from {}{}{}", response.status, who,
                           code.empty() ? "" : " (" + code + ")", tries),
               passing ? Retry::later() : Retry::never(), ""};
}

/// One that ended already is no use, and asking for it all the time would be none either.
Result<GivenKeys> given(CredentialsAnswer answer, const HttpResponse& response, Time now,
                        const std::string& who) {
  GivenKeys out{std::move(answer.keys), std::nullopt};
  if (!answer.ends) return out;
  // Its own clock wrote the end, so that ours may be wrong.
  const auto date = net::parse_http_date(std::string(response.header("Date")));
  out.lifetime = *answer.ends - date.value_or(now);
  if (*out.lifetime > Millis(0)) return out;
  return fail(ErrorKind::kStorage, fmt::format("no credentials: those of {} have ended already", who),
              Retry::later());
}

std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(percent_encode(value));
  }
  return out;
}

}  // namespace

Task<bool> pause(Millis wait) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, wait);
  try {
    co_await timer.async_wait(asio::use_awaitable);
    co_return true;
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) throw;
  }
  co_return false;
}

HttpRequest base_request(const config::S3Store& store, std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  request.way.proxy =
      store.environment_proxy ? config::proxy_for(*store.environment_proxy, request.url) : store.proxy;
  request.way.proxy_ca_file = store.proxy_ca_file;
  request.way.ca_file = store.ca_file;
  request.connect_timeout = store.timeouts.connect;
  request.total_timeout = store.timeouts.total;
  request.stall_timeout = store.timeouts.stall;
  return request;
}

std::unique_ptr<CredentialsSource> make_credentials(const config::S3Store& store, KeyEndpoints::Parts parts) {
  if (std::holds_alternative<std::monostate>(store.renewed_keys)) {
    return std::make_unique<StaticCredentials>(
        sign::Credentials{store.access_key_id, store.secret_access_key, store.session_token});
  }
  const Clock& clock = parts.clock;
  const S3Hearers hearers = parts.hearers;
  auto endpoints = std::make_shared<KeyEndpoints>(store, std::move(parts));
  return std::make_unique<RenewingCredentials>(clock, hearers, "s3 bucket " + store.bucket,
                                               [endpoints] { return endpoints->ask(); });
}

KeyEndpoints::KeyEndpoints(config::S3Store store, Parts parts)
    : store_(std::move(store)), parts_(std::move(parts)) {}

Task<Result<GivenKeys>> KeyEndpoints::ask() {
  const auto& from = store_.renewed_keys;
  const auto* instance = std::get_if<config::InstanceKeys>(&from);
  const auto* container = std::get_if<config::ContainerKeys>(&from);
  const auto* identity = std::get_if<config::WebIdentityKeys>(&from);
  Answer answer = fail(ErrorKind::kInternal, "these keys are not asked for");
  std::string who;
  if (instance != nullptr) {
    who = net::host_of(instance->endpoint);
    answer = co_await from_instance(*instance);
  } else if (container != nullptr) {
    who = net::host_of(container->url);
    answer = co_await from_container(*container);
  } else if (identity != nullptr) {
    who = net::host_of(identity->sts);
    answer = co_await from_sts(*identity);
  }
  if (!answer) co_return std::unexpected(std::move(answer.error()));
  auto keys = identity != nullptr ? parse_sts_answer(answer->body) : parse_credentials_json(answer->body);
  if (!keys) {
    Error error = keys.error();
    error.message = fmt::format("no credentials: {}: {}", who, error.message);
    co_return std::unexpected(std::move(error));
  }
  co_return given(std::move(*keys), *answer, parts_.clock.now(), who);
}

// A session first (IMDSv2), then the name of the instance's role, then its keys.
Task<Answer> KeyEndpoints::from_instance(const config::InstanceKeys& keys) {
  const std::string who = net::host_of(keys.endpoint) + ", the instance's metadata";
  auto begin = metadata_request("PUT", keys.endpoint + "/latest/api/token");
  begin.set_header("X-aws-ec2-metadata-token-ttl-seconds", "300");
  auto session = co_await send(std::move(begin), who);
  if (!session) co_return session;
  const Secret token{std::string(ascii_trimmed(session->body))};
  if (!fits_header(token.reveal()))
    co_return fail(ErrorKind::kMalformed, fmt::format("no credentials: no session token from {}", who));
  hide(token);

  const std::string folder = keys.endpoint + "/latest/meta-data/iam/security-credentials/";
  auto list = metadata_request("GET", folder);
  list.set_header("X-aws-ec2-metadata-token", token.reveal());
  auto roles = co_await send(std::move(list), who);
  if (!roles) {
    roles.error().message += "; has the instance a role?";
    co_return roles;
  }
  const std::string role(ascii_trimmed(roles->body.substr(0, roles->body.find('\n'))));
  if (!fits_header(role))
    co_return fail(ErrorKind::kMalformed, fmt::format("no credentials: no role is named by {}", who));
  auto get = metadata_request("GET", folder + percent_encode(role));
  get.set_header("X-aws-ec2-metadata-token", token.reveal());
  co_return co_await send(std::move(get), who);
}

Task<Answer> KeyEndpoints::from_container(const config::ContainerKeys& keys) {
  const std::string who = net::host_of(keys.url) + ", the container's endpoint";
  auto request = metadata_request("GET", keys.url);
  if (!keys.token_file.empty()) {
    auto token = co_await token_in(keys.token_file, who);
    if (!token) co_return std::unexpected(token.error());
    request.set_header("Authorization", token->reveal());
  } else if (keys.token) {
    request.set_header("Authorization", keys.token->reveal());
  }
  co_return co_await send(std::move(request), who);
}

Task<Answer> KeyEndpoints::from_sts(const config::WebIdentityKeys& keys) {
  const std::string who = net::host_of(keys.sts);
  auto token = co_await token_in(keys.token_file, who);
  if (!token) co_return std::unexpected(token.error());
  auto request = base_request(store_, keys.sts + "/");
  request.method = "POST";
  request.max_body = Bytes{1 << 20};
  request.set_header("Content-Type", "application/x-www-form-urlencoded");
  request.body = form({{"Action", "AssumeRoleWithWebIdentity"},
                       {"Version", "2011-06-15"},
                       {"RoleArn", keys.role_arn},
                       {"RoleSessionName", keys.session_name},
                       {"WebIdentityToken", token->reveal()}});
  co_return co_await send(std::move(request), who);
}

Task<Answer> KeyEndpoints::send(HttpRequest request, std::string who) {
  for (std::size_t attempt = 1;; ++attempt) {
    HttpRequest copy = request;
    auto answer = co_await parts_.client.send(std::move(copy));
    if (answer && answer->status == 200) co_return answer;
    if (!answer && answer.error().kind == ErrorKind::kCanceled) co_return answer;
    S3Outcome outcome;
    if (answer)
      outcome.status = answer->status;
    else
      outcome.unanswered = answer.error().retry;
    auto wait = s3_next_attempt(parts_.retry, attempt, outcome, parts_.chance());
    if (!wait) {
      const std::string tries = attempt > 1 ? fmt::format(" after {} attempts", attempt) : "";
      if (answer) co_return std::unexpected(refusal(*answer, who, tries));
      Error error = answer.error();
      error.message = fmt::format("no credentials from {}: {}{}", who, error.message, tries);
      co_return std::unexpected(std::move(error));
    }
    bool waited = co_await pause(*wait);
    if (!waited) co_return fail(ErrorKind::kCanceled, "stopped while waiting to ask for credentials");
  }
}

Task<Result<Secret>> KeyEndpoints::token_in(std::filesystem::path file, std::string who) {
  auto work = [file = std::move(file)] { return read_token(file); };
  auto token = co_await net::on_pool(parts_.pool, std::move(work));
  if (!token) {
    token.error().message = fmt::format("no credentials of {}: {}", who, token.error().message);
    co_return token;
  }
  hide(*token);
  co_return token;
}

void KeyEndpoints::hide(const Secret& secret) {
  if (parts_.hearers.redactor != nullptr) parts_.hearers.redactor->hide_passing(secret);
}

}  // namespace pollux::publish

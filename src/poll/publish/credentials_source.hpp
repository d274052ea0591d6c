#pragma once
// SPDX-License-Identifier: Apache-2.0
// The keys that requests to S3 are signed with: those of the file, or some that end after a while and are
// asked for in time. Owned by the store; io thread.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/semaphore.hpp"
#include "net/task.hpp"
#include "poll/publish/s3_hearers.hpp"
#include "sign/sigv4.hpp"

namespace pollux::publish {

/// Never nullptr. Whoever holds them may use them to their end, whatever comes after them.
using Keys = std::shared_ptr<const sign::Credentials>;

class CredentialsSource {
 public:
  virtual ~CredentialsSource() = default;

  /// Keys that are good for a while yet. Errors: kForbidden, kMalformed, kNetwork, kTimeout, kTls, kProxy,
  /// kStorage, kCanceled; the message says who was asked, and never a secret.
  virtual Task<Result<Keys>> keys() = 0;

  /// The server says that these have ended. true: keys() will give others, or try to.
  virtual bool refused(const Keys& keys) = 0;
};

class StaticCredentials final : public CredentialsSource {
 public:
  explicit StaticCredentials(sign::Credentials keys)
      : keys_(std::make_shared<const sign::Credentials>(std::move(keys))) {}
  Task<Result<Keys>> keys() override { co_return keys_; }
  bool refused(const Keys&) override { return false; }

 private:
  Keys keys_;
};

/// Keys as they were handed out.
struct GivenKeys {
  sign::Credentials keys;
  std::optional<Millis> lifetime;  // nullopt: nobody said that they end
};

/// Asked for once however many want them, and again a tenth of their life before they end (at most five
/// minutes). While others are asked for, and when that fails, the old ones are used as long as they are good.
/// The redactor hears of each.
class RenewingCredentials final : public CredentialsSource {
 public:
  /// Never called twice at the same time.
  using Ask = std::function<Task<Result<GivenKeys>>()>;

  /// `purpose` names them in the log: "s3 bucket pub". `clock` and the hearers must outlive it.
  RenewingCredentials(const Clock& clock, S3Hearers hearers, std::string purpose, Ask ask)
      : clock_(clock), hearers_(hearers), purpose_(std::move(purpose)), ask_(std::move(ask)) {}

  Task<Result<Keys>> keys() override;
  bool refused(const Keys& keys) override;

 private:
  using Steady = std::chrono::steady_clock::time_point;
  struct Held {
    Keys keys;
    Steady renew_at;
    Steady ends_at;
  };
  bool fresh() const { return held_ && clock_.steady() < (asking_ ? held_->ends_at : held_->renew_at); }
  Task<std::optional<net::Semaphore::Permit>> turn();
  Task<Result<GivenKeys>> ask();
  Keys hold(GivenKeys given, Steady asked_at);
  Result<Keys> failed(Error error);

  const Clock& clock_;
  S3Hearers hearers_;
  std::string purpose_;
  Ask ask_;
  net::Semaphore one_at_a_time_{1};
  bool asking_ = false;
  std::optional<Held> held_;
  std::optional<Error> last_failure_;
  std::uint64_t attempts_ = 0;
};

}  // namespace pollux::publish

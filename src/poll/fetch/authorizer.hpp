#pragma once
// SPDX-License-Identifier: Apache-2.0
// Puts an upstream's credentials on a request, last of all and anew for each attempt: a token may end, a
// signature grow old, while a request waits for a limit. Owned by the upstream's session; io thread.

#include <functional>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "base/redactor.hpp"
#include "config/config.hpp"
#include "net/http_client.hpp"
#include "poll/fetch/pace/asked_to_wait.hpp"

namespace pollux::state {
class Journal;
}

namespace pollux::log {
class Logger;
}

namespace pollux::fetch {

/// How long a canceled run still waits for an answer that nobody could get a second time. Short of what
/// stopping the program may take.
constexpr Millis kSeenThrough = std::chrono::seconds(5);

/// How a request may be sent.
struct Manner {
  bool repeatable = true;         // may be sent again, though an attempt before may have arrived
  std::optional<Time> until;      // the poll's next slot: no wait goes beyond it; nullopt: none
  bool waits_out_trouble = true;  // until an upstream in trouble is asked again; false: it fails at once
  bool sees_it_through = false;   // what was sent is waited for, kSeenThrough also by a run that is canceled
};

/// What sessions and their parts work with; everything outlives them.
struct SessionParts {
  /// Chances in [0, 1) for the jitter of waits; a fixed one in tests.
  using Chance = std::function<double()>;

  net::HttpClient& client;
  const Clock& clock;
  Redactor& redactor;
  Chance chance;
  state::Journal* journal = nullptr;  // nullptr: nothing is kept across restarts
  log::Logger* logger = nullptr;      // nullptr: nothing is said
  /// What was committed under a key when the process started. It blocks: to be called while sessions are
  /// made, and not later. Empty: nothing was kept.
  std::function<std::optional<std::string>(const std::string& key)> recall = {};
};

/// An answer of 401, 403 or 429.
struct Refusal {
  ErrorKind kind;
  std::size_t before = 0;            // so often was it sent again for such answers already
  std::optional<AskedToWait> asked;  // to be left alone
};

class Authorizer {
 public:
  virtual ~Authorizer() = default;

  /// Puts on what it takes, before the request waits for its turn. Errors are those of asking for a token:
  /// its own retries are behind them.
  virtual Task<Result<void>> authorize(net::HttpRequest& request, Manner manner) = 0;

  /// Its turn has come. Puts on anew what is not good any more, asking nobody; false where somebody has to be
  /// asked: then authorize() once more.
  virtual bool in_turn(net::HttpRequest& request) = 0;

  /// The API refused a request with what was put on it. Whether something else is put on now, that may be
  /// taken: then nobody else heeds what the refusal asked for.
  virtual bool refused(const net::HttpRequest& /*request*/, const Refusal& /*refusal*/) { return false; }
};

/// Sends a request to the upstream, within its limits and with its retries, without credentials; the status
/// has been judged.
using SendPlain = std::function<Task<Result<net::HttpResponse>>(net::HttpRequest, Manner)>;

/// The one for the upstream's `auth`. All arguments but `send` must outlive it.
std::unique_ptr<Authorizer> make_authorizer(const config::Upstream& upstream, const SessionParts& parts,
                                            SendPlain send);

}  // namespace pollux::fetch

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

namespace pollux::state {
class Journal;
}

namespace pollux::log {
class Logger;
}

namespace pollux::fetch {

/// How a request may be sent.
struct Manner {
  bool repeatable = true;     // may be sent again, though an attempt before may have arrived
  std::optional<Time> until;  // the poll's next slot: no wait goes beyond it; nullopt: none
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
};

class Authorizer {
 public:
  virtual ~Authorizer() = default;

  /// Whether authorize() would do its work at once, asking nobody. A request waits for its turn only while it
  /// is, and is authorized when its turn has come: what was put on before could end during the wait.
  virtual bool ready() const = 0;

  /// Errors are those of asking for a token: its own retries are behind them.
  virtual Task<Result<void>> authorize(net::HttpRequest& request, Manner manner) = 0;

  /// The API answered 401 to a request that carried what authorize() put on it: whether authorize() will now
  /// put on something else.
  virtual bool refused(const net::HttpRequest&) { return false; }
};

/// Sends a request to the upstream, within its limits and with its retries, without credentials; the status
/// has been judged.
using SendPlain = std::function<Task<Result<net::HttpResponse>>(net::HttpRequest, Manner)>;

/// The one for the upstream's `auth`. All arguments but `send` must outlive it.
std::unique_ptr<Authorizer> make_authorizer(const config::Upstream& upstream, const SessionParts& parts,
                                            SendPlain send);

}  // namespace pollux::fetch

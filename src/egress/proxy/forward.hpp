#pragma once
// SPDX-License-Identifier: Apache-2.0
// A plain http request, sent on, and its answer, sent back, piece by piece: a slow reader slows the writer.
// io thread.

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <optional>

#include "base/result.hpp"
#include "base/units.hpp"
#include "egress/policy/target.hpp"
#include "egress/proxy/client_stream.hpp"
#include "egress/proxy/request_head.hpp"
#include "net/task.hpp"

namespace pollux::egress {

struct ForwardLimits {
  Millis silence{
      std::chrono::seconds(60)};  // until the answer's whole head, each piece of a body is there or gone
  std::size_t head = 32 * 1024;   // of the answer
  std::uint64_t most_bytes = 0;   // of the answer's body; 0: any number
};

/// How it went, for the log and for what is to be told.
struct Forwarded {
  enum class End {
    kWhole,       // the answer is out to its end
    kBadRequest,  // the request's body did not come as announced: `refused`, which is to be said
    kNoAnswer,    // of the server: `error`, which is to be said
    kHalfAnswer,  // of the server: `error`; the client, who has some of it, has been cut
    kLeft,        // the client, before the end
  };
  End end = End::kLeft;
  bool keeps = false;                         // the client's connection can serve another request
  bool server_keeps = false;                  // and so can the server's
  std::optional<Error> error = std::nullopt;  // kNetwork, kTimeout
  Refused refused = {};
};

/// `parser` has the request's head, `buffer` what came behind it. Who waits with the body until it is told to
/// go on (Expect, RFC 9110, 10.1.1) is told so here: the decision is made, and the server may not know how.
Task<Forwarded> forward(ClientStream& client, boost::beast::flat_buffer& buffer, RequestParser& parser,
                        boost::beast::tcp_stream& server, const HttpTarget& target, ForwardLimits limits);

}  // namespace pollux::egress

#pragma once
// SPDX-License-Identifier: Apache-2.0
// A plain http request, sent on, and its answer, sent back, piece by piece: a slow reader slows the writer.
// io thread.

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <optional>

#include "base/units.hpp"
#include "egress/policy/target.hpp"
#include "egress/proxy/answer.hpp"
#include "egress/proxy/client_stream.hpp"
#include "egress/proxy/request_head.hpp"
#include "net/task.hpp"

namespace pollux::egress {

struct ForwardLimits {
  Millis silence{std::chrono::seconds(60)};  // between any two bytes, of either side
  std::size_t head = 32 * 1024;              // of the answer
  std::uint64_t most_bytes = 0;              // of the answer's body; 0: any number
};

struct Forwarded {
  std::optional<Answer> answer;  // to be given instead: nothing of the server's has been sent yet
  bool keeps = false;            // the client's connection can serve another request
};

/// `parser` has the request's head, `buffer` what came behind it. Who waits with the body until it is told to
/// go on (Expect, RFC 9110, 10.1.1) is told so here: the decision is made, and the server may not know how.
Task<Forwarded> forward(ClientStream& client, boost::beast::flat_buffer& buffer, RequestParser& parser,
                        boost::beast::tcp_stream& server, const HttpTarget& target, ForwardLimits limits);

}  // namespace pollux::egress

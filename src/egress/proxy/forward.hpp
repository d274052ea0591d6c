#pragma once
// SPDX-License-Identifier: Apache-2.0
// A plain http request, sent on, and its answer, sent back, piece by piece: a slow reader slows the writer.
// io thread.

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <optional>

#include "egress/policy/target.hpp"
#include "egress/proxy/answer.hpp"
#include "egress/proxy/client_stream.hpp"
#include "egress/proxy/options.hpp"
#include "egress/proxy/request_head.hpp"
#include "net/task.hpp"

namespace pollux::egress {

struct Forwarded {
  std::optional<Answer> answer;  // to be given instead: nothing of the server's has been sent yet
  bool keeps = false;            // the client's connection can serve another request
};

/// `parser` has the request's head, `buffer` what came behind it.
Task<Forwarded> forward(ClientStream& client, boost::beast::flat_buffer& buffer, RequestParser& parser,
                        boost::beast::tcp_stream& server, const HttpTarget& target,
                        const ProxyOptions& options);

}  // namespace pollux::egress

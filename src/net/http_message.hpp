#pragma once
// SPDX-License-Identifier: Apache-2.0
// Between Beast's messages and the server's own. Private to src/net: it shows Beast's types, whose templates
// no other folder should have to compile. Pure functions.

#include <boost/beast/http.hpp>
#include <string>

#include "net/http_server.hpp"

namespace pollux::net {

namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;

ServerRequest as_request(Parser::value_type message, RequestTarget target, std::string peer);

/// With Date and Content-Length; without the body for HEAD. A header that would split the head is left out.
http::response<http::string_body> as_message(ServerResponse response, bool head, bool keep_alive);

/// The same by hand, with whatever the headers claim: for answers that misbehave.
std::string head_text(const ServerResponse& response);

/// A plain answer for a request that cannot be served.
ServerResponse refusal(int status);

/// The status that says what was wrong with a request; 0 where nobody is there to be told.
int status_for(const boost::system::error_code& error);

/// Whether an answer of this status has a body at all (RFC 9110, 6.4.1).
bool has_body(int status);

}  // namespace pollux::net

#pragma once
// SPDX-License-Identifier: Apache-2.0
// Whether a message says in one way only where its body ends (RFC 9112, 6). Pure; any thread.

#include <boost/beast/http/fields.hpp>
#include <optional>
#include <string>

namespace pollux::egress {

/// What is wrong with it; nullopt: nothing. `version` as Beast has it: 10, 11. `unknown_coding`: it has a
/// Transfer-Encoding that may be good elsewhere.
struct FramingFault {
  std::string reason;
  bool unknown_coding = false;
};
std::optional<FramingFault> framing_fault(const boost::beast::http::fields& fields, unsigned version);

}  // namespace pollux::egress

#pragma once
// SPDX-License-Identifier: Apache-2.0
// The target of a request line (RFC 9112, 3.2), taken apart. Pure function over foreign bytes, any thread;
// nullopt for what is no origin-form, absolute-form or asterisk-form.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pollux::net {

using QueryPairs = std::vector<std::pair<std::string, std::string>>;

struct RequestTarget {
  std::string path;  // starts with /, still percent-encoded: an encoded slash is not a border between parts
  QueryPairs query;  // decoded; a + is a space
  bool operator==(const RequestTarget&) const = default;
};

std::optional<RequestTarget> parse_target(std::string_view target);

/// "a=1&b=x+y" (also the body of a form), decoded; what cannot be decoded stays as it stands.
QueryPairs parse_query(std::string_view text);

}  // namespace pollux::net

// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/framing.hpp"

#include <algorithm>
#include <string_view>

#include "base/ascii.hpp"

namespace pollux::egress {

namespace http = boost::beast::http;

std::optional<FramingFault> framing_fault(const http::fields& fields, unsigned version) {
  const std::size_t lengths = fields.count(http::field::content_length);
  const std::size_t codings = fields.count(http::field::transfer_encoding);
  if (lengths > 1) return FramingFault{"more than one Content-Length"};
  if (codings > 0 && lengths > 0) return FramingFault{"Content-Length and Transfer-Encoding both"};
  if (codings > 1) return FramingFault{"more than one Transfer-Encoding"};
  if (codings == 1 && version < 11) return FramingFault{"Transfer-Encoding in HTTP/1.0"};
  if (codings == 1 && !ascii_iequals(fields[http::field::transfer_encoding], "chunked"))
    return FramingFault{"a Transfer-Encoding other than chunked", true};
  if (lengths == 0) return std::nullopt;
  const std::string_view length = fields[http::field::content_length];
  const bool digits = std::ranges::all_of(length, [](char c) { return c >= '0' && c <= '9'; });
  if (length.empty() || !digits) return FramingFault{"a Content-Length that is no number"};
  return std::nullopt;
}

}  // namespace pollux::egress

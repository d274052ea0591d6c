#pragma once
// SPDX-License-Identifier: Apache-2.0
// What an S3 server says when it refuses. Its answer is foreign bytes: only a code of letters and a short
// printable message are taken, and neither decides more than a retry and a sentence for the operator. Pure
// functions.

#include <string>
#include <string_view>

namespace pollux::publish {

struct S3Fault {
  std::string code;  // "NoSuchBucket": letters and digits, at most 64; empty where there is none
  std::string
      message;  // printable ASCII, at most 200 bytes; may be empty. It may repeat what was sent: filter it.
  std::string region;  // where the bucket is, as the server says; empty where it does not
  bool operator==(const S3Fault&) const = default;
};

/// Whether it looks like the name of a region, which becomes part of a host's name: lower-case letters,
/// digits and -, at most 32.
bool is_region(std::string_view text);

/// <Code>, <Message> and <Region> of an <Error> document, looked for in the first 16 KiB. Anything else gives
/// empty texts.
S3Fault parse_s3_fault(std::string_view xml);

/// What to do about it: "check secret_access_key"; empty where there is nothing better than the server's own
/// message.
std::string_view s3_advice(std::string_view code);

}  // namespace pollux::publish

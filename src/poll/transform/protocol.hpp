#pragma once
// SPDX-License-Identifier: Apache-2.0
// What daemon and jq worker say to each other over their socket: frames of a 4-byte length (little endian), a
// kind, and a body. Pure encode and decode. A worker runs foreign programs on foreign data, so its bytes are
// never trusted: every length is checked before it is used, and a frame that is not exactly right is no
// frame.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "poll/transform/program_runner.hpp"

namespace pollux::transform {

inline constexpr std::size_t kLargestOutput = 64U << 20;  // what a program may give
inline constexpr std::size_t kLargestFrame =
    257U << 20;  // what is accepted at all; the largest input a pool sends is less
inline constexpr std::size_t kLargestReply = kLargestOutput + 4096;
inline constexpr std::size_t kLargestInput = 256U << 20;
inline constexpr std::size_t kLargestProgram = 1U << 20;
inline constexpr std::size_t kLongestMessage = 500;
inline constexpr std::size_t kMostFaults = 20;
inline constexpr std::size_t kFrameHead = 4;

// --- daemon to worker
// --------------------------------------------------------------------------------------------- Views: an
// input of many megabytes is copied once, into the frame; what decode_request gives points into the body.
struct RunRequest {
  std::string_view program;
  std::string_view input;
  long long fetched_at = 0;
  std::string_view poll;
  std::string_view vars_json;
  std::string_view cursor_json = "null";
};
struct CompileRequest {
  std::string_view program;
};
using Request = std::variant<RunRequest, CompileRequest>;

// --- worker to daemon
// ---------------------------------------------------------------------------------------------
/// The first frame, sent before anything foreign is read.
struct Hello {
  std::uint64_t baseline = 0;  // bytes of address space in use, to which a program's memory is added
  std::string no_seccomp;      // why there is no filter; empty: it is there
};
struct Value {
  std::uint32_t compiled = 0;  // programs that this worker has compiled so far
  std::string json;
};
struct Failure {
  std::uint32_t compiled = 0;
  std::string message;  // at most kLongestMessage
};
struct Faults {
  std::vector<CompileFault> faults;  // at most kMostFaults
};
/// The worker's last words.
struct OutOfMemory {};
using Reply = std::variant<Hello, Value, Failure, Faults, OutOfMemory>;

/// The whole frame.
std::string encode(const Request& request);
std::string encode(const Reply& reply);
/// The front of the frame of a Value; its `size` bytes of JSON follow as they are.
std::string encode_value_head(std::uint32_t compiled, std::size_t size);

/// The length of the body that follows these kFrameHead bytes.
std::uint32_t body_size(std::string_view head);

/// A frame's body, without its head. nullopt: not one of ours.
std::optional<Request> decode_request(std::string_view body);
std::optional<Reply> decode_reply(std::string_view body);

/// `text` cut to at most `most` bytes, between characters; bytes that are not UTF-8 become '?', control
/// characters spaces.
std::string printable(std::string_view text, std::size_t most = kLongestMessage);

}  // namespace pollux::transform

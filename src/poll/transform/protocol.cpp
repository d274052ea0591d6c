// SPDX-License-Identifier: Apache-2.0
#include "poll/transform/protocol.hpp"

#include <algorithm>

namespace pollux::transform {
namespace {

constexpr std::string_view kMore = "...";

enum Kind : std::uint8_t {
  kRun = 1,
  kCompile = 2,
  kHello = 65,
  kValue = 66,
  kFailure = 67,
  kFaults = 68,
  kOutOfMemory = 69
};

class Writer {
 public:
  explicit Writer(Kind kind, std::size_t expected = 64) {
    bytes_.reserve(kFrameHead + expected);
    bytes_.assign(kFrameHead, '\0');
    bytes_ += static_cast<char>(kind);
  }
  Writer& number(std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i) bytes_ += static_cast<char>(value >> (8 * i) & 0xFF);
    return *this;
  }
  Writer& text(std::string_view value) {
    number(value.size(), 4);
    bytes_ += value;
    return *this;
  }
  std::string frame(std::size_t following = 0) {
    std::size_t size = bytes_.size() - kFrameHead + following;
    for (std::size_t i = 0; i < kFrameHead; ++i) bytes_[i] = static_cast<char>(size >> (8 * i) & 0xFF);
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
};

// Reads a body; once anything did not fit, everything after is empty and ok() false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t number(std::size_t width) {
    std::string_view taken = take(width);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < taken.size(); ++i)
      value |= std::uint64_t{static_cast<unsigned char>(taken[i])} << (8 * i);
    return value;
  }
  std::string_view text(std::size_t most) {
    std::uint64_t size = number(4);
    if (size > most) ok_ = false;
    return take(size);
  }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && bytes_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    if (!ok_ || size > bytes_.size()) {
      ok_ = false;
      return {};
    }
    std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  std::string_view bytes_;
  bool ok_ = true;
};

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

Faults faults_of(Reader& in) {
  Faults out;
  std::uint64_t count = in.number(1);
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    CompileFault fault;
    fault.line = static_cast<int>(in.number(4) & 0x7FFFFFFF);
    fault.column = static_cast<int>(in.number(4) & 0x7FFFFFFF);
    fault.message = printable(in.text(kLongestMessage));
    if (i < kMostFaults) out.faults.push_back(std::move(fault));
  }
  return out;
}

// The length of the UTF-8 character at the front (RFC 3629, 4); 0 if there is none.
std::size_t character(std::string_view text) {
  auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  auto follows = [&](std::size_t i) { return (at(i) & 0xC0) == 0x80; };
  unsigned char first = static_cast<unsigned char>(at(0));
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  bool second = follows(1) && (first != 0xE0 || at(1) >= 0xA0) && (first != 0xED || at(1) < 0xA0) &&
                (first != 0xF0 || at(1) >= 0x90) && (first != 0xF4 || at(1) < 0x90);
  if (first >= 0xE0 && first <= 0xEF) return second && follows(2) ? 3 : 0;
  if (first >= 0xF0 && first <= 0xF4) return second && follows(2) && follows(3) ? 4 : 0;
  return 0;
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  std::size_t fits = 0;  // where to cut, should it not all fit
  while (!text.empty() && out.size() <= most) {
    if (out.size() + kMore.size() <= most) fits = out.size();
    std::size_t size = character(text);
    auto first = static_cast<unsigned char>(text.front());
    if (size == 0)
      out += '?';
    else if (first < 0x20 || first == 0x7F)
      out += ' ';
    else
      out += text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  if (out.size() <= most) return out;
  out.resize(fits);
  return out.append(kMore);
}

std::string encode(const Request& request) {
  return std::visit(
      Overloaded{[](const RunRequest& run) {
                   std::size_t size = run.program.size() + run.input.size() + run.poll.size() +
                                      run.vars_json.size() + run.cursor_json.size() + 32;
                   return Writer(kRun, size)
                       .number(static_cast<std::uint64_t>(run.fetched_at), 8)
                       .text(run.program)
                       .text(run.poll)
                       .text(run.vars_json)
                       .text(run.cursor_json)
                       .text(run.input)
                       .frame();
                 },
                 [](const CompileRequest& compile) {
                   return Writer(kCompile, compile.program.size() + 8).text(compile.program).frame();
                 }},
      request);
}

std::string encode_value_head(std::uint32_t compiled, std::size_t size) {
  return Writer(kValue).number(compiled, 4).number(size, 4).frame(size);
}

std::string encode(const Reply& reply) {
  return std::visit(
      Overloaded{
          [](const Hello& hello) {
            return Writer(kHello).number(hello.baseline, 8).text(printable(hello.no_seccomp)).frame();
          },
          [](const Value& value) {
            return encode_value_head(value.compiled, value.json.size()) + value.json;
          },
          [](const Failure& failure) {
            return Writer(kFailure).number(failure.compiled, 4).text(printable(failure.message)).frame();
          },
          [](const Faults& faults) {
            Writer out(kFaults);
            std::size_t count = std::min(faults.faults.size(), kMostFaults);
            out.number(count, 1);
            for (std::size_t i = 0; i < count; ++i) {
              const CompileFault& fault = faults.faults[i];
              out.number(static_cast<std::uint32_t>(fault.line), 4);
              out.number(static_cast<std::uint32_t>(fault.column), 4).text(printable(fault.message));
            }
            return out.frame();
          },
          [](const OutOfMemory&) { return Writer(kOutOfMemory).frame(); }},
      reply);
}

std::uint32_t body_size(std::string_view head) {
  return static_cast<std::uint32_t>(Reader(head).number(kFrameHead));
}

std::optional<Request> decode_request(std::string_view body) {
  Reader in(body);
  std::uint64_t kind = in.number(1);
  if (kind == kCompile) {
    CompileRequest compile{in.text(kLargestProgram)};
    return in.done() ? std::optional<Request>(compile) : std::nullopt;
  }
  if (kind != kRun) return std::nullopt;
  RunRequest run;
  run.fetched_at = static_cast<long long>(in.number(8));
  run.program = in.text(kLargestProgram);
  run.poll = in.text(kLargestProgram);
  run.vars_json = in.text(kLargestInput);
  run.cursor_json = in.text(kLargestInput);
  run.input = in.text(kLargestInput);
  return in.done() ? std::optional<Request>(run) : std::nullopt;
}

std::optional<Reply> decode_reply(std::string_view body) {
  Reader in(body);
  Reply reply;
  switch (in.number(1)) {
    case kHello: {
      std::uint64_t baseline = in.number(8);
      reply = Hello{baseline, printable(in.text(kLongestMessage))};
      break;
    }
    case kValue: {
      auto compiled = static_cast<std::uint32_t>(in.number(4));
      reply = Value{compiled, std::string(in.text(kLargestOutput))};
      break;
    }
    case kFailure: {
      auto compiled = static_cast<std::uint32_t>(in.number(4));
      reply = Failure{compiled, printable(in.text(kLongestMessage))};
      break;
    }
    case kFaults:
      reply = faults_of(in);
      break;
    case kOutOfMemory:
      reply = OutOfMemory{};
      break;
    default:
      return std::nullopt;
  }
  if (!in.done()) return std::nullopt;
  return reply;
}

}  // namespace pollux::transform

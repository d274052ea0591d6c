// SPDX-License-Identifier: Apache-2.0
#include "poll/transform/worker_main.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <list>
#include <new>
#include <string>
#include <string_view>
#include <unordered_map>

#include "poll/transform/jq_program.hpp"
#include "poll/transform/protocol.hpp"
#include "poll/transform/sandbox.hpp"

namespace pollux::transform {
namespace {

constexpr std::size_t kKeptPrograms = 256;

// Compiled programs, the least recently used dropped first.
class Programs {
 public:
  std::expected<JqProgram*, std::vector<CompileFault>> get(std::string_view text) {
    auto found = by_text_.find(text);
    if (found != by_text_.end() && !found->second->program->spent()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return entries_.front().program.get();
    }
    if (found != by_text_.end()) {
      auto spent = found->second;
      by_text_.erase(found);
      entries_.erase(spent);
    }
    ++compiled_;
    auto program = JqProgram::compile(text);
    if (!program) return std::unexpected(std::move(program.error()));
    if (entries_.size() == kKeptPrograms) {
      by_text_.erase(entries_.back().text);
      entries_.pop_back();
    }
    entries_.push_front({std::string(text), std::move(*program)});
    by_text_.emplace(entries_.front().text, entries_.begin());
    return entries_.front().program.get();
  }
  std::uint32_t compiled() const { return compiled_; }

 private:
  struct Entry {
    std::string text;
    std::unique_ptr<JqProgram> program;
  };
  std::list<Entry> entries_;
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_text_;  // keys point into the entries
  std::uint32_t compiled_ = 0;
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool read_all(int fd, char* into, std::size_t size) {
  while (size > 0) {
    ssize_t got = read(fd, into, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    into += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

// When memory ends there is none to say so: the last words are kept ready.
struct LastWords {
  int fd = -1;
  std::array<char, 16> frame{};
  std::size_t size = 0;
};
LastWords last_words;

[[noreturn]] void out_of_memory() {
  write_all(last_words.fd, {last_words.frame.data(), last_words.size});
  _exit(4);
}

void prepare_last_words(int fd) {
  std::string frame = encode(Reply(OutOfMemory{}));
  last_words.fd = fd;
  last_words.size = frame.copy(last_words.frame.data(), last_words.frame.size());
  std::set_new_handler(out_of_memory);
  JqProgram::on_out_of_memory(out_of_memory);
}

std::string describe(const CompileFault& fault) {
  std::string column = fault.column > 0 ? ", column " + std::to_string(fault.column) : "";
  return "the program does not compile: line " + std::to_string(fault.line) + column + ": " + fault.message;
}

bool answer(int fd, Programs& programs, const RunRequest& request) {
  auto failure = [&](std::string message) {
    return write_all(fd, encode(Reply(Failure{programs.compiled(), std::move(message)})));
  };
  auto program = programs.get(request.program);
  if (!program) return failure(describe(program.error().front()));
  auto json = (*program)->run(request);
  if (!json) return failure(std::move(json.error()));
  std::string head = encode_value_head(programs.compiled(), json->size());
  // One write for the usual small answer, no copy of a large one.
  if (json->size() < 65536) return write_all(fd, head.append(*json));
  return write_all(fd, head) && write_all(fd, *json);
}

bool answer(int fd, const CompileRequest& request) {
  Faults faults;
  if (auto program = JqProgram::compile(request.program); !program)
    faults.faults = std::move(program.error());
  return write_all(fd, encode(Reply(std::move(faults))));
}

}  // namespace

int worker_main(int fd) {
  int type = 0;
  socklen_t length = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0) return 2;
  prepare_last_words(fd);
  Sandbox sandbox = enter_sandbox();
  if (!write_all(fd, encode(Reply(Hello{sandbox.baseline, sandbox.no_seccomp})))) return 0;

  Programs programs;
  for (std::array<char, kFrameHead> head{}; read_all(fd, head.data(), head.size());) {
    std::size_t size = body_size({head.data(), head.size()});
    if (size > kLargestFrame) return 3;
    std::string body(size, '\0');
    if (!read_all(fd, body.data(), body.size())) return 0;
    auto request = decode_request(body);
    if (!request) return 3;
    const auto* run = std::get_if<RunRequest>(&*request);
    bool sent = run != nullptr ? answer(fd, programs, *run) : answer(fd, std::get<CompileRequest>(*request));
    if (!sent) return 0;
  }
  return 0;
}

}  // namespace pollux::transform

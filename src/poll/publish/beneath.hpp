#pragma once
// SPDX-License-Identifier: Apache-2.0
// Files beneath a root folder that are never reached through a symbolic link, so that nothing in a public
// directory can lead a write out of it: each part of a path is opened by itself, relative to the one before
// (no check that a rename could race). Blocking calls, for a pool's thread. Errors: kStorage with the errno's
// text; the caller says which object it was.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pollux::publish {

/// A file descriptor, closed with its owner.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  ~Fd();
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int release();
  int fd_;
};

/// The last errno as an Error: "No space left on device". Retry::later() where room or patience can help.
std::unexpected<Error> system_error(std::string_view doing);

/// "a/b/c" as {"a", "b", "c"}.
std::vector<std::string> parts_of(std::string_view path);

/// The folder `parts` beneath `root`, made where it is not there if `create`; without it, an empty Fd then.
Result<Fd> open_folder(const std::string& root, const std::vector<std::string>& parts, bool create);

/// Puts a file in the place of an earlier one in one step, and returns when both outlive a power cut.
Result<void> replace_file(const Fd& folder, const std::string& name, std::string_view bytes);

/// nullopt if it is not there.
Result<std::optional<std::string>> read_file(const Fd& folder, const std::string& name);

/// Takes it away, for good when it returns; nothing there is a success.
Result<void> remove_file(const Fd& folder, const std::string& name);

/// Removes what replace_file left behind anywhere beneath `root` when its process was killed. A file that a
/// living process still writes is locked by it, and stays.
void remove_leftovers(const std::string& root);

/// The names that replace_file uses before the rename begin so.
inline constexpr std::string_view kTemporary = ".pollux-tmp-";

}  // namespace pollux::publish

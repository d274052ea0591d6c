// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/beneath.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <random>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace pollux::publish {
namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

bool is_link(int folder, const std::string& name) {
  struct stat found{};
  return fstatat(folder, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(found.st_mode);
}

std::unexpected<Error> link_in_the_way(const std::string& name) {
  return fail(
      ErrorKind::kStorage,
      fmt::format("{} is a symbolic link; put a real file or folder there, links could lead out", name));
}

/// A name that no other process and no other thread takes.
std::string temporary_name() {
  static const auto process = std::random_device{}();
  static std::atomic<unsigned> count = 0;
  return fmt::format("{}{:08x}-{:x}-{:x}", kTemporary, process, static_cast<unsigned>(getpid()), count++);
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    auto written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Writes and renames; on any failure says what was being done, errno telling why.
const char* write_and_rename(const Fd& folder, const std::string& temporary, const std::string& name,
                             std::string_view bytes) {
  Fd file(
      openat(folder.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return "creating a temporary file";
  // Held until the rename is done: remove_leftovers() of another process tells by it that somebody still
  // writes.
  flock(file.get(), LOCK_EX | LOCK_NB);
  if (!write_all(file.get(), bytes)) return "writing";
  if (fsync(file.get()) != 0) return "fsync of the file";
  if (renameat(folder.get(), temporary.c_str(), folder.get(), name.c_str()) != 0)
    return "renaming into place";
  return nullptr;
}

Result<Fd> enter(Fd folder, const std::string& name, bool create) {
  bool made = create && mkdirat(folder.get(), name.c_str(), 0755) == 0;
  if (create && !made && errno != EEXIST) return system_error("making folder " + name);
  if (made && fsync(folder.get()) != 0) return system_error("fsync of a folder");
  Fd inner(openat(folder.get(), name.c_str(), kFolderFlags));
  if (inner) return inner;
  auto error = system_error("opening folder " + name);
  bool not_there = errno == ENOENT || errno == ENOTDIR;
  if (is_link(folder.get(), name)) return link_in_the_way(name);
  if (not_there && !create) return Fd();
  return error;
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) close(fd_);
    fd_ = other.release();
  }
  return *this;
}

int Fd::release() { return std::exchange(fd_, -1); }

std::unexpected<Error> system_error(std::string_view doing) {
  int number = errno;
  bool passes = number == ENOSPC || number == EDQUOT || number == EIO || number == EMFILE || number == ENFILE;
  return fail(ErrorKind::kStorage, fmt::format("{}: {}", doing, std::generic_category().message(number)),
              passes ? Retry::later() : Retry::never());
}

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> out;
  for (;;) {
    auto end = path.find('/');
    out.emplace_back(path.substr(0, end));
    if (end == std::string_view::npos) return out;
    path.remove_prefix(end + 1);
  }
}

Result<Fd> open_folder(const std::string& root, const std::vector<std::string>& parts, bool create) {
  std::error_code error;
  if (create) std::filesystem::create_directories(root, error);
  // The root itself may be a link: the operator named it.
  Fd folder(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder && errno == ENOENT && !create) return Fd();
  if (!folder) return system_error("opening the store's folder");
  for (const auto& part : parts) {
    auto inner = enter(std::move(folder), part, create);
    if (!inner || !*inner) return inner;
    folder = std::move(*inner);
  }
  return folder;
}

Result<void> replace_file(const Fd& folder, const std::string& name, std::string_view bytes) {
  auto temporary = temporary_name();
  if (const char* failed = write_and_rename(folder, temporary, name, bytes)) {
    auto error = system_error(failed);
    unlinkat(folder.get(), temporary.c_str(), 0);
    return error;
  }
  if (fsync(folder.get()) != 0) return system_error("fsync of the folder");
  return {};
}

Result<std::optional<std::string>> read_file(const Fd& folder, const std::string& name) {
  Fd file(openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file && errno == ENOENT) return std::nullopt;
  if (!file && errno == ELOOP) return link_in_the_way(name);
  if (!file) return system_error("opening");
  struct stat found{};
  if (fstat(file.get(), &found) != 0) return system_error("fstat");
  if (!S_ISREG(found.st_mode)) return std::nullopt;  // a folder is no object, as in S3
  std::string bytes(static_cast<std::size_t>(found.st_size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    auto got = read(file.get(), bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("reading");
    if (got == 0)
      return fail(ErrorKind::kStorage, "reading: the file became shorter meanwhile", Retry::later());
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

Result<void> remove_file(const Fd& folder, const std::string& name) {
  if (unlinkat(folder.get(), name.c_str(), 0) != 0) {
    if (errno == ENOENT) return {};
    return system_error("removing");
  }
  if (fsync(folder.get()) != 0) return system_error("fsync of the folder");
  return {};
}

void remove_leftovers(const std::string& root) {
  namespace fs = std::filesystem;
  std::error_code error;
  auto options = fs::directory_options::skip_permission_denied;  // and links are not followed
  for (fs::recursive_directory_iterator it(root, options, error), end; !error && it != end;
       it.increment(error)) {
    if (!it->path().filename().string().starts_with(kTemporary)) continue;
    Fd file(open(it->path().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (file && flock(file.get(), LOCK_EX | LOCK_NB) == 0) unlink(it->path().c_str());
  }
}

}  // namespace pollux::publish

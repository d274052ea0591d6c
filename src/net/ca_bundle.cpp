// SPDX-License-Identifier: Apache-2.0
#include "net/ca_bundle.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "base/certificates.hpp"

namespace pollux::net {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestFile = 4U << 20;  // the system's own bundle has a quarter of a megabyte

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// By name, so that a bundle is the same at each start.
Result<std::vector<fs::path>> files_of(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (!at->is_directory(ignored)) files.push_back(at->path());
  }
  if (error) return fail(ErrorKind::kUsage, fmt::format("{}: {}", folder.string(), error.message()));
  std::ranges::sort(files);
  return files;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<std::shared_ptr<const CaBundle>> CaBundle::make(const fs::path& system, const fs::path& folder) {
  auto files = files_of(folder);
  if (!files) return std::unexpected(files.error());
  int fd = memfd_create("pollux-cas", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  std::shared_ptr<CaBundle> bundle(new CaBundle(fd));
  std::string all = text_of(system);
  for (const fs::path& file : *files) {
    std::error_code ignored;
    std::string text = fs::file_size(file, ignored) <= kLargestFile ? text_of(file) : "";
    auto count = count_certificates(text);
    if (!count) {
      bundle->warnings_.push_back(
          fmt::format("{}: {}; it is left out", file.string(), count.error().message));
      continue;
    }
    bundle->added_ += *count;
    all += (all.empty() || all.ends_with('\n') ? "" : "\n") + text;
  }
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (fd < 0 || !write_all(fd, all) || fcntl(fd, F_ADD_SEALS, kSeals) != 0) {
    return fail(ErrorKind::kInternal,
                fmt::format("a file in memory for the CAs: {}", std::generic_category().message(errno)));
  }
  return bundle;
}

Result<std::shared_ptr<const CaBundle>> CaBundle::make(const fs::path& folder) {
  const char* system = curl_version_info(CURLVERSION_NOW)->cainfo;
  return make(system != nullptr ? fs::path(system) : fs::path(), folder);
}

CaBundle::~CaBundle() {
  if (fd_ >= 0) ::close(fd_);
}

std::string CaBundle::path() const { return fmt::format("/proc/self/fd/{}", fd_); }

}  // namespace pollux::net

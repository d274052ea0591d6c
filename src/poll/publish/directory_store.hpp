#pragma once
// SPDX-License-Identifier: Apache-2.0
// Objects as files of a directory, bodies as they are (no gzip), so that any static server can serve them. An
// object's headers stand beside it in a hidden folder of the store, `.pollux/<path>.headers`, JSON, written
// before the object. Each file is written under a temporary name in its own folder, fsynced, renamed, and the
// folder fsynced; temporary files that a killed process left are removed before the first write. Symbolic
// links inside the directory are refused, wherever they lead. Owned by the app, used on the io thread; the
// blocking calls run on the caller's pool, which must outlive the store's calls.

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "config/config.hpp"
#include "poll/publish/store.hpp"

namespace pollux::publish {

class DirectoryStore final : public Store {
 public:
  DirectoryStore(const config::DirectoryStore& config, asio::thread_pool& pool);

  std::string target() const override { return "directory " + root_; }
  Task<Result<void>> put(Object object) override;
  Task<Result<std::optional<Object>>> get(std::string path) override;
  Task<Result<void>> remove(std::string path) override;

 private:
  /// On the pool, once: two puts at the start may both come here.
  void clean_once();

  std::string root_;
  asio::thread_pool& pool_;
  std::atomic<bool> cleaned_ = false;
};

/// The same three as blocking calls, for whoever is on a thread that may block: the daemon's /public/ reads
/// so. Errors: kStorage, with the directory, the path and the errno's text. A file without headers gets a
/// type by its ending and no Cache-Control.
Result<void> write_object(const std::filesystem::path& directory, const Object& object);
Result<std::optional<Object>> read_object(const std::filesystem::path& directory, const std::string& path);
Result<void> remove_object(const std::filesystem::path& directory, const std::string& path);

}  // namespace pollux::publish

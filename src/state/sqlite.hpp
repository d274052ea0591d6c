#pragma once
// SPDX-License-Identifier: Apache-2.0
// State in one SQLite file (WAL, synchronous NORMAL: what is acknowledged survives the process's death; the
// last moments before a power cut may be lost, never torn; a batch that must not be is written with FULL).
// Holds the file's lock as long as it lives: one process writes to a state file.
//
//   state.db       entries(key, value, version), history(id, poll, at, json), meta(schema)
//   state.db-wal   SQLite's write-ahead log
//   state.db.lock  locked while a process uses the file

#include <filesystem>
#include <memory>

#include "state/backend.hpp"

namespace pollux::state {

class SqliteBackend final : public Backend {
 public:
  /// Opens or makes the file and its folder. kState when it cannot, when another process has it, or when a
  /// newer version of the program wrote it.
  static Result<std::unique_ptr<SqliteBackend>> open(const std::filesystem::path& file);
  ~SqliteBackend() override;

  Result<std::optional<Entry>> get(const std::string& key) override;
  Result<std::vector<std::pair<std::string, Entry>>> list(const std::string& prefix) override;
  std::vector<Result<void>> apply(std::span<const Batch> batches) override;
  Result<std::vector<HistoryRow>> history(const std::string& poll, std::size_t limit) override;
  Result<std::size_t> forget_history(Time before) override;

 private:
  struct Database;
  explicit SqliteBackend(std::unique_ptr<Database> database);
  std::vector<Result<void>> apply_together(std::span<const Batch> batches);
  std::vector<Result<void>> apply_apart(std::span<const Batch> batches);
  std::vector<Result<void>> all_failed(std::size_t count, const std::string& what);
  Result<void> apply_one(const Batch& batch);
  Result<void> write_one(const Write& write);

  std::unique_ptr<Database> database_;
};

}  // namespace pollux::state

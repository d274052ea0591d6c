#pragma once
// SPDX-License-Identifier: Apache-2.0
// State that is gone with the process: for tests, and for `preview`, which must leave nothing behind.

#include <map>

#include "state/backend.hpp"

namespace pollux::state {

class MemoryBackend final : public Backend {
 public:
  Result<std::optional<Entry>> get(const std::string& key) override;
  Result<std::vector<std::pair<std::string, Entry>>> list(const std::string& prefix) override;
  std::vector<Result<void>> apply(std::span<const Batch> batches) override;
  Result<std::vector<HistoryRow>> history(const std::string& poll, std::size_t limit) override;
  Result<std::size_t> forget_history(Time before) override;

 private:
  Result<void> apply_one(const Batch& batch);

  std::map<std::string, Entry> entries_;
  std::map<std::string, std::uint64_t>
      last_version_;  // outlives a removal, so that a version is never used twice
  std::vector<HistoryRow> history_;
};

}  // namespace pollux::state

// SPDX-License-Identifier: Apache-2.0
#include "state/memory.hpp"

#include <algorithm>

namespace pollux::state {

Result<std::optional<Entry>> MemoryBackend::get(const std::string& key) {
  auto found = entries_.find(key);
  return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

Result<std::vector<std::pair<std::string, Entry>>> MemoryBackend::list(const std::string& prefix) {
  std::vector<std::pair<std::string, Entry>> out;
  for (auto it = entries_.lower_bound(prefix); it != entries_.end() && it->first.starts_with(prefix); ++it) {
    out.emplace_back(*it);
  }
  return out;
}

std::vector<Result<void>> MemoryBackend::apply(std::span<const Batch> batches) {
  std::vector<Result<void>> out;
  for (const Batch& batch : batches) out.push_back(apply_one(batch));
  return out;
}

Result<void> MemoryBackend::apply_one(const Batch& batch) {
  for (const Write& write : batch.writes) {
    auto found = entries_.find(write.key);
    std::uint64_t version = found == entries_.end() ? 0 : found->second.version;
    if (write.expected && *write.expected != version) {
      return fail(ErrorKind::kState, "another writer changed " + write.key, Retry::later());
    }
  }
  for (const Write& write : batch.writes) {
    std::uint64_t version = ++last_version_[write.key];
    if (write.value) {
      entries_[write.key] = {*write.value, version};
    } else {
      entries_.erase(write.key);
    }
  }
  history_.insert(history_.end(), batch.history.begin(), batch.history.end());
  return {};
}

Result<std::vector<HistoryRow>> MemoryBackend::history(const std::string& poll, std::size_t limit) {
  std::vector<HistoryRow> out;
  for (auto row = history_.rbegin(); row != history_.rend() && out.size() < limit; ++row) {
    if (row->poll == poll) out.push_back(*row);
  }
  return out;
}

Result<std::size_t> MemoryBackend::forget_history(Time before) {
  return std::erase_if(history_, [&](const HistoryRow& row) { return row.at < before; });
}

}  // namespace pollux::state

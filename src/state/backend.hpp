#pragma once
// SPDX-License-Identifier: Apache-2.0
// What must survive a restart: versioned keys with compare-and-swap, and an append-only history. One small
// interface, several backends (memory.hpp, sqlite.hpp), one contract suite for all
// (backend_contract_test.hpp). Calls block: they belong on a Journal's thread, never on the io thread. One
// thread at a time.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace pollux::state {

struct Entry {
  std::string value;
  std::uint64_t version = 0;  // grows with each write of its key, from 1
  bool operator==(const Entry&) const = default;
};

struct Write {
  std::string key;
  std::optional<std::string> value;       // nullopt takes the key away
  std::optional<std::uint64_t> expected;  // the version that must be there; 0: none must be; nullopt: any
};

struct HistoryRow {
  std::string poll;
  Time at{};
  std::string json;
  bool operator==(const HistoryRow&) const = default;
};

/// Written whole or not at all.
struct Batch {
  std::vector<Write> writes;
  std::vector<HistoryRow> history;
  bool outlives_power_cut = false;  // worth a flush of the disk before it counts as written
};

class Backend {
 public:
  virtual ~Backend() = default;

  virtual Result<std::optional<Entry>> get(const std::string& key) = 0;

  /// Every key that starts with `prefix`, in their order.
  virtual Result<std::vector<std::pair<std::string, Entry>>> list(const std::string& prefix) = 0;

  /// Applies each batch whole or not at all, one after the other, and makes all of them durable together. One
  /// Result for each batch: a batch that expected another version fails with kState, retry later, and harms
  /// no other.
  virtual std::vector<Result<void>> apply(std::span<const Batch> batches) = 0;

  /// The newest rows of a poll, newest first.
  virtual Result<std::vector<HistoryRow>> history(const std::string& poll, std::size_t limit) = 0;

  /// Forgets rows older than `before`; how many.
  virtual Result<std::size_t> forget_history(Time before) = 0;
};

}  // namespace pollux::state

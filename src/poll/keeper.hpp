#pragma once
// SPDX-License-Identifier: Apache-2.0
// Where a run finds what the run before it left, and leaves what the next one must find. An interface of its
// own, so that tests can end the world at each of its calls. Owned by the app, used on the io thread.

#include <optional>
#include <string>

#include "base/result.hpp"
#include "net/task.hpp"
#include "state/backend.hpp"

namespace pollux::state {
class Journal;
}

namespace pollux::poll {

class Keeper {
 public:
  virtual ~Keeper() = default;
  /// What stands under the key; nullopt: nothing.
  virtual Task<Result<std::optional<std::string>>> recall(std::string key) = 0;
  /// Whole or not at all; durable when it returns.
  virtual Task<Result<void>> commit(state::Batch batch) = 0;
};

/// The real one. The journal outlives it.
class JournalKeeper final : public Keeper {
 public:
  explicit JournalKeeper(state::Journal& journal) : journal_(journal) {}
  Task<Result<std::optional<std::string>>> recall(std::string key) override;
  Task<Result<void>> commit(state::Batch batch) override;

 private:
  state::Journal& journal_;
};

}  // namespace pollux::poll

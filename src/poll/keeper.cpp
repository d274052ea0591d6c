// SPDX-License-Identifier: Apache-2.0
#include "poll/keeper.hpp"

#include "state/journal.hpp"

namespace pollux::poll {

Task<Result<std::optional<std::string>>> JournalKeeper::recall(std::string key) {
  auto entry = co_await journal_.get(std::move(key));
  if (!entry) co_return std::unexpected(entry.error());
  if (!*entry) co_return std::nullopt;
  co_return std::move((*entry)->value);
}

Task<Result<void>> JournalKeeper::commit(state::Batch batch) {
  co_return co_await journal_.commit(std::move(batch));
}

}  // namespace pollux::poll

// SPDX-License-Identifier: Apache-2.0
#include "state/journal.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "state/memory.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::state {
namespace {

Task<> commit_one(Journal& journal, std::string key, int& good) {
  Batch batch;
  batch.writes.push_back({std::move(key), "v", 0});
  auto done = co_await journal.commit(std::move(batch));
  if (done) ++good;
}

TEST(Journal, commits_what_many_ask_at_once_and_answers_each) {
  asio::io_context io;
  MemoryBackend backend;
  int good = 0;
  {
    Journal journal(backend);
    for (int i = 0; i < 100; ++i) {
      asio::co_spawn(io, commit_one(journal, std::to_string(i % 50), good), asio::detached);
    }
    io.run();
  }
  EXPECT_EQ(good, 50);  // the second writer of each key expected it not to be there
  EXPECT_EQ(backend.list("").value().size(), 50U);
}

TEST(Journal, writes_what_was_handed_over_before_it_goes) {
  MemoryBackend backend;
  asio::io_context io;
  int good = 0;
  std::optional<Journal> journal(std::in_place, backend);
  asio::co_spawn(io, commit_one(*journal, "last", good), asio::detached);
  io.poll();  // hands it over, and does not wait for the answer
  journal.reset();
  EXPECT_TRUE(backend.get("last").value());
}

Task<> write_then_ask(Journal& journal, std::string& seen, std::string& missing) {
  Batch batch;
  batch.writes.push_back({"cursor", "7", std::nullopt});
  auto executor = co_await asio::this_coro::executor;
  asio::co_spawn(executor, journal.commit(std::move(batch)), asio::detached);  // not waited for
  co_await asio::post(asio::use_awaitable);
  auto found = co_await journal.get("cursor");
  if (found && *found) seen = (*found)->value;
  auto nothing = co_await journal.get("other");
  missing = nothing && !*nothing ? "nothing" : "something";
}

TEST(Journal, reads_what_was_handed_over_before) {
  asio::io_context io;
  MemoryBackend backend;
  Journal journal(backend);
  std::string seen;
  std::string missing;
  test::run_task(io, write_then_ask(journal, seen, missing));
  EXPECT_EQ(seen, "7");
  EXPECT_EQ(missing, "nothing");
}

}  // namespace
}  // namespace pollux::state

// SPDX-License-Identifier: Apache-2.0
// What every state backend promises, once for all of them.
#include <gtest/gtest.h>

#include <memory>

#include "state/memory.hpp"
#include "state/sqlite.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::state {
namespace {

struct MemoryKind {
  std::unique_ptr<Backend> make() { return std::make_unique<MemoryBackend>(); }
};
struct SqliteKind {
  test::TempDir directory;
  std::unique_ptr<Backend> make() {
    return std::move(SqliteBackend::open(directory / "deep/state.db").value());
  }
};

template <class Kind>
class BackendContract : public testing::Test {
 protected:
  Kind kind_;
  std::unique_ptr<Backend> backend_ = kind_.make();

  Result<void> apply(Batch batch) { return backend_->apply({&batch, 1}).at(0); }
  Result<void> put(const std::string& key, const std::string& value,
                   std::optional<std::uint64_t> expected = {}) {
    return apply({{{key, value, expected}}, {}});
  }
  Result<void> remove(const std::string& key) { return apply({{{key, std::nullopt, std::nullopt}}, {}}); }
};
using Kinds = testing::Types<MemoryKind, SqliteKind>;
TYPED_TEST_SUITE(BackendContract, Kinds);

TYPED_TEST(BackendContract, gives_back_what_was_put_and_counts_its_versions) {
  EXPECT_EQ(this->backend_->get("a").value(), std::nullopt);
  ASSERT_TRUE(this->put("a", "one"));
  EXPECT_EQ(this->backend_->get("a").value(), (Entry{"one", 1}));
  ASSERT_TRUE(this->put("a", std::string("tw\0o", 4)));
  EXPECT_EQ(this->backend_->get("a").value(), (Entry{std::string("tw\0o", 4), 2}));
}

TYPED_TEST(BackendContract, swaps_only_when_the_version_is_the_expected_one) {
  EXPECT_TRUE(this->put("a", "one", 0));
  EXPECT_FALSE(this->put("a", "again", 0));
  EXPECT_TRUE(this->put("a", "two", 1));
  auto stale = this->put("a", "three", 1);
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().kind, ErrorKind::kState);
  EXPECT_EQ(this->backend_->get("a").value()->value, "two");
}

TYPED_TEST(BackendContract, never_uses_a_version_twice_even_after_a_removal) {
  ASSERT_TRUE(this->put("a", "one"));
  ASSERT_TRUE(this->remove("a"));
  EXPECT_EQ(this->backend_->get("a").value(), std::nullopt);
  ASSERT_TRUE(this->put("a", "two", 0));
  EXPECT_EQ(this->backend_->get("a").value()->version, 3U);
}

TYPED_TEST(BackendContract, writes_a_batch_whole_or_not_at_all) {
  ASSERT_TRUE(this->put("b", "there"));
  auto refused =
      this->apply({{{"a", "new", std::nullopt}, {"b", "stale", 7}}, {{"p", Time(Millis(1)), "{}"}}});
  EXPECT_FALSE(refused);
  EXPECT_EQ(this->backend_->get("a").value(), std::nullopt);
  EXPECT_TRUE(this->backend_->history("p", 10).value().empty());
}

TYPED_TEST(BackendContract, keeps_the_good_batches_beside_a_refused_one) {
  std::vector<Batch> batches{
      {{{"a", "1", std::nullopt}}, {}}, {{{"b", "2", 5}}, {}}, {{{"c", "3", std::nullopt}}, {}}};
  auto results = this->backend_->apply(batches);
  ASSERT_EQ(results.size(), 3U);
  EXPECT_TRUE(results[0]);
  EXPECT_FALSE(results[1]);
  EXPECT_TRUE(results[2]);
  EXPECT_TRUE(this->backend_->get("c").value());
}

TYPED_TEST(BackendContract, lists_by_prefix_in_order) {
  for (const char* key : {"poll/b", "poll/a", "other", "poll", "poll0"}) ASSERT_TRUE(this->put(key, key));
  auto listed = this->backend_->list("poll/").value();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].first, "poll/a");
  EXPECT_EQ(listed[1].first, "poll/b");
}

TYPED_TEST(BackendContract, gives_the_newest_history_first_and_forgets_the_old) {
  for (int i = 1; i <= 5; ++i) {
    ASSERT_TRUE(this->apply({{}, {{"p", Time(Millis(i)), std::to_string(i)}, {"q", Time(Millis(i)), "q"}}}));
  }
  auto rows = this->backend_->history("p", 2).value();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0], (HistoryRow{"p", Time(Millis(5)), "5"}));
  EXPECT_EQ(rows[1].json, "4");
  EXPECT_EQ(this->backend_->forget_history(Time(Millis(4))).value(), 6U);
  EXPECT_EQ(this->backend_->history("p", 10).value().size(), 2U);
}

}  // namespace
}  // namespace pollux::state

// SPDX-License-Identifier: Apache-2.0
#include "state/sqlite.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temp_dir.hpp"

namespace pollux::state {
namespace {

TEST(SqliteBackend, finds_its_state_again_after_a_restart) {
  test::TempDir directory;
  Batch batch{{{"a", "one", std::nullopt}}, {}};
  ASSERT_TRUE(SqliteBackend::open(directory / "state.db").value()->apply({&batch, 1})[0]);
  EXPECT_EQ(SqliteBackend::open(directory / "state.db").value()->get("a").value()->value, "one");
}

TEST(SqliteBackend, lets_only_one_process_have_the_file) {
  test::TempDir directory;
  auto first = SqliteBackend::open(directory / "state.db");
  auto second = SqliteBackend::open(directory / "state.db");
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("another pollux"), std::string::npos);
}

TEST(SqliteBackend, says_so_when_the_file_is_no_database) {
  test::TempDir directory;
  auto file = directory.write("state.db", std::string(4096, 'x'));
  auto opened = SqliteBackend::open(file);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::kState);
  EXPECT_NE(opened.error().message.find("state.db"), std::string::npos);
}

// SQLite's own way to the disk, with the flushes of its write-ahead log counted.
class CountedFlushes {
 public:
  CountedFlushes() {
    below_ = sqlite3_vfs_find(nullptr);
    vfs_ = *below_;
    vfs_.zName = "counted";
    vfs_.xOpen = [](sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
      const int code = below_->xOpen(below_, name, file, flags, out);
      if (file->pMethods == nullptr || (flags & SQLITE_OPEN_WAL) == 0) return code;
      sync_ = file->pMethods->xSync;
      methods_ = *file->pMethods;
      methods_.xSync = [](sqlite3_file* which, int how) {
        ++count;
        return sync_(which, how);
      };
      file->pMethods = &methods_;
      return code;
    };
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~CountedFlushes() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(below_, 1);
  }
  CountedFlushes(const CountedFlushes&) = delete;
  CountedFlushes& operator=(const CountedFlushes&) = delete;

  static inline int count = 0;

 private:
  static inline sqlite3_vfs* below_ = nullptr;
  static inline int (*sync_)(sqlite3_file*, int) = nullptr;
  static inline sqlite3_io_methods methods_{};
  sqlite3_vfs vfs_{};
};

TEST(SqliteBackend, flushes_the_disk_for_what_must_outlive_a_power_cut_and_for_nothing_else) {
  test::TempDir directory;
  CountedFlushes flushes;
  auto backend = std::move(SqliteBackend::open(directory / "state.db").value());
  auto flushes_of = [&](std::vector<Batch> batches) {
    const int before = CountedFlushes::count;
    for (const auto& done : backend->apply(batches)) EXPECT_TRUE(done);
    return CountedFlushes::count - before;
  };
  const Batch plain{{{"a", "one", std::nullopt}}, {}};
  const Batch precious{{{"token", "two", std::nullopt}}, {}, true};
  flushes_of({plain});
  EXPECT_EQ(flushes_of({plain}), 0);
  EXPECT_GE(flushes_of({plain, precious}), 1);
  EXPECT_EQ(flushes_of({plain}), 0);
  EXPECT_EQ(backend->get("token").value()->value, "two");
}

TEST(SqliteBackend, loses_nothing_acknowledged_when_killed_at_any_point) {
  for (int round = 0; round < 10; ++round) {
    test::TempDir directory;
    int acknowledged[2];
    ASSERT_EQ(pipe(acknowledged), 0);
    pid_t child = fork();
    if (child == 0) {
      auto backend = std::move(SqliteBackend::open(directory / "state.db").value());
      for (int i = 1;; ++i) {
        Batch batch{{{"n", std::to_string(i), std::nullopt}}, {{"p", Time(Millis(i)), "{}"}}};
        if (!backend->apply({&batch, 1})[0] || write(acknowledged[1], &i, sizeof i) != sizeof i) _exit(1);
      }
    }
    close(acknowledged[1]);
    int last = 0;
    for (int n = 0; n < 20 + 7 * round; ++n)
      ASSERT_EQ(read(acknowledged[0], &last, sizeof last), ssize_t(sizeof last));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    for (int next = 0; read(acknowledged[0], &next, sizeof next) == ssize_t(sizeof next);) last = next;
    close(acknowledged[0]);
    auto backend = std::move(SqliteBackend::open(directory / "state.db").value());
    int kept = std::stoi(backend->get("n").value()->value);
    EXPECT_GE(kept, last);
    EXPECT_EQ(backend->history("p", 100000).value().size(), static_cast<std::size_t>(kept));
  }
}

}  // namespace
}  // namespace pollux::state

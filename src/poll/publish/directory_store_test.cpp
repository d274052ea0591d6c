// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/directory_store.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>

#include "poll/publish/beneath.hpp"
#include "tests/support/process.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::publish {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class DirectoryStoreTest : public testing::Test {
 protected:
  Result<void> put(Object object) { return test::run_task(io_, store_.put(std::move(object))); }

  test::TempDir dir_;
  fs::path root_ = dir_ / "public";
  asio::io_context io_;
  asio::thread_pool pool_{2};
  DirectoryStore store_{config::DirectoryStore{root_}, pool_};
};

/// What a file may hold at most, as if the disk were full beyond it.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit small{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  ~SmallDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

std::size_t files_in(const fs::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) count += entry.is_regular_file();
  return count;
}

TEST_F(DirectoryStoreTest, writes_the_body_as_it_is_for_any_static_server) {
  ASSERT_TRUE(put({"1.0/ünï code.json", "{\"a\":1}", "application/json", "max-age=30"}));
  EXPECT_EQ(test::read_text(root_ / "1.0/ünï code.json"), "{\"a\":1}");
  EXPECT_EQ(test::read_text(root_ / ".pollux/1.0/ünï code.json.headers"),
            "{\"content_type\":\"application/json\",\"cache_control\":\"max-age=30\"}\n");
}

TEST_F(DirectoryStoreTest, keeps_the_old_object_when_the_disk_takes_no_more) {
  ASSERT_TRUE(put({"a.json", "[1]", "application/json", ""}));
  auto files = files_in(root_);
  {
    SmallDisk disk(1 << 20);
    auto done = put({"a.json", std::string(2 << 20, 'x'), "application/json", ""});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::kStorage);
    EXPECT_THAT(done.error().message, HasSubstr("PUT a.json: writing: File too large"));
  }
  EXPECT_EQ(test::read_text(root_ / "a.json"), "[1]");
  EXPECT_EQ(files_in(root_), files) << "the temporary file is gone";
}

TEST_F(DirectoryStoreTest, says_the_path_and_the_reason_when_the_folder_cannot_be_made) {
  dir_.write("file", "in the way");
  DirectoryStore store(config::DirectoryStore{dir_ / "file"}, pool_);
  auto done = test::run_task(io_, store.put({"a.json", "1", "", ""}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "directory " + (dir_ / "file").string() +
                                      ": PUT a.json: opening the store's folder: Not a directory");
}

TEST_F(DirectoryStoreTest, says_so_when_a_file_stands_where_a_folder_should) {
  ASSERT_TRUE(put({"a", "1", "text/plain", ""}));
  auto done = put({"a/b.json", "2", "", ""});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("opening folder a: Not a directory"));
  EXPECT_EQ(*read_object(root_, "a/b.json"), std::nullopt);
  EXPECT_EQ(read_object(root_, "a")->value().body, "1");
}

TEST_F(DirectoryStoreTest, removes_what_a_killed_process_left_but_not_what_a_living_one_writes) {
  auto left = root_ / "1.0/.pollux-tmp-dead";
  auto alive = root_ / "1.0/.pollux-tmp-alive";
  dir_.write("public/1.0/.pollux-tmp-dead", "half");
  dir_.write("public/1.0/.pollux-tmp-alive", "half");
  dir_.write("public/.pollux/.pollux-tmp-dead2", "half");
  dir_.write("public/1.0/keep.json", "1");
  int writer = open(alive.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_EQ(flock(writer, LOCK_EX), 0);
  ASSERT_TRUE(put({"a.json", "1", "", ""}));
  EXPECT_FALSE(fs::exists(left));
  EXPECT_FALSE(fs::exists(root_ / ".pollux/.pollux-tmp-dead2"));
  EXPECT_TRUE(fs::exists(alive));
  EXPECT_TRUE(fs::exists(root_ / "1.0/keep.json"));
  close(writer);
}

TEST_F(DirectoryStoreTest, never_goes_through_a_symbolic_link) {
  dir_.write("outside/secret.json", "not public");
  dir_.write("outside/sub/x.json", "not public");
  fs::create_directories(root_);
  fs::create_directory_symlink(dir_ / "outside", root_ / "out");
  fs::create_symlink(dir_ / "outside/secret.json", root_ / "leak.json");
  for (const char* path : {"out/new.json", "out/secret.json", "out/sub/x.json"}) {
    auto done = put({path, "changed", "", ""});
    ASSERT_FALSE(done) << path;
    EXPECT_THAT(done.error().message, HasSubstr("symbolic link"));
    EXPECT_FALSE(read_object(root_, path)) << path;
    EXPECT_FALSE(remove_object(root_, path)) << path;
  }
  EXPECT_FALSE(read_object(root_, "leak.json"));
  ASSERT_TRUE(put({"leak.json", "mine", "", ""})) << "the link itself is replaced";
  EXPECT_EQ(test::read_text(dir_ / "outside/secret.json"), "not public");
  EXPECT_EQ(test::read_text(dir_ / "outside/sub/x.json"), "not public");
  EXPECT_EQ(files_in(dir_ / "outside"), 2U);
  EXPECT_FALSE(fs::is_symlink(root_ / "leak.json"));
}

TEST_F(DirectoryStoreTest, keeps_its_own_names_to_itself) {
  for (const char* path :
       {".pollux", ".pollux/a.json.headers", "x/.pollux-tmp-1", ".pollux-tmp-1", "x.headers/y"}) {
    EXPECT_FALSE(put({path, "1", "", ""})) << path;
    EXPECT_FALSE(read_object(root_, path)) << path;
  }
}

TEST_F(DirectoryStoreTest, does_not_write_headers_again_that_did_not_change) {
  ASSERT_TRUE(put({"a.json", "1", "application/json", "max-age=1"}));
  auto sidecar = root_ / ".pollux/a.json.headers";
  auto before = fs::last_write_time(sidecar) - std::chrono::hours(1);
  fs::last_write_time(sidecar, before);
  ASSERT_TRUE(put({"a.json", "2", "application/json", "max-age=1"}));
  EXPECT_EQ(fs::last_write_time(sidecar), before);
  ASSERT_TRUE(put({"a.json", "2", "application/json", "max-age=2"}));
  EXPECT_NE(fs::last_write_time(sidecar), before);
}

TEST_F(DirectoryStoreTest, reads_files_that_somebody_else_put_there) {
  dir_.write("public/index.html", "<p>");
  dir_.write("public/odd.json", "1");
  dir_.write("public/.pollux/odd.json.headers", "{\"content_type\":5,\"cache_control\":\"no-store\"");
  fs::create_directories(root_ / "folder");
  ASSERT_EQ(mkfifo((root_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(*read_object(root_, "index.html"), (Object{"index.html", "<p>", "text/html; charset=utf-8", ""}));
  EXPECT_EQ(*read_object(root_, "odd.json"), (Object{"odd.json", "1", "application/json", ""}));
  EXPECT_EQ(*read_object(root_, "folder"), std::nullopt);
  EXPECT_EQ(*read_object(root_, "pipe"), std::nullopt);
}

TEST(WriteObject, leaves_whole_objects_only_however_often_its_process_is_killed) {
  test::TempDir dir;
  auto root = dir / "public";
  auto body_of = [](char fill) { return std::string(300'000, fill); };
  ASSERT_TRUE(write_object(root, {"hot.json", body_of('a'), "application/json", ""}));
  for (int round = 0; round < 12; ++round) {
    auto before = read_object(root, "hot.json")->value().body;
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (char fill = 'a';; fill = fill == 'z' ? 'a' : static_cast<char>(fill + 1)) {
        if (!write_object(root, {"hot.json", body_of(fill), "application/json", ""})) _exit(1);
      }
    }
    // Killed as soon as it is seen to have written something: always in the middle of the next one.
    bool wrote = test::eventually([&] { return read_object(root, "hot.json")->value().body != before; });
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(wrote);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed";
    auto body = read_object(root, "hot.json")->value().body;
    ASSERT_EQ(body, body_of(body.at(0)));
  }
  remove_leftovers(root.string());
  EXPECT_EQ(files_in(root), 2U) << "the object and its headers";
}

TEST_F(DirectoryStoreTest, leaves_no_descriptor_open) {
  auto open_now = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  ASSERT_TRUE(put({"a/b/c.json", "1", "", ""}));
  auto before = open_now();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(put({"a/b/c.json", std::to_string(i), "", ""}));
    ASSERT_TRUE(read_object(root_, "a/b/c.json"));
    ASSERT_FALSE(put({"a/b/c.json/d", "1", "", ""}));
  }
  EXPECT_EQ(open_now(), before);
}

}  // namespace
}  // namespace pollux::publish

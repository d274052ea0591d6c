#pragma once
// SPDX-License-Identifier: Apache-2.0
// What every store must do, whatever it writes to. A new store passes by one INSTANTIATE_TEST_SUITE_P in
// store_contract_test.cpp; this header is included there only.

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "poll/publish/store.hpp"
#include "tests/support/run_task.hpp"

namespace pollux::publish {

/// One place to store objects in; each open() is another view of it, to be used on `io` only.
class StorePlace {
 public:
  virtual ~StorePlace() = default;
  virtual std::unique_ptr<Store> open(asio::io_context& io) = 0;
};

struct StoreKind {
  std::string name;
  std::function<void()> require;  // skips or fails the test where the store cannot be had
  std::function<std::unique_ptr<StorePlace>()> make;
  friend std::ostream& operator<<(std::ostream& out, const StoreKind& kind) { return out << kind.name; }
};

class StoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    GetParam().require();
    if (IsSkipped() || HasFatalFailure()) return;
    place_ = GetParam().make();
    store_ = place_->open(io_);
  }
  void put(const Object& object) {
    auto done = test::run_task(io_, store_->put(object));
    ASSERT_TRUE(done) << done.error().text();
  }
  std::optional<Object> get(const std::string& path) {
    auto found = test::run_task(io_, store_->get(path));
    EXPECT_TRUE(found) << found.error().text();
    return found ? *found : std::nullopt;
  }
  void remove(const std::string& path) {
    auto done = test::run_task(io_, store_->remove(path));
    ASSERT_TRUE(done) << done.error().text();
  }

  // Before the place: a pool's thread may still be waking an io_context whose reader has its answer, so they
  // must go last.
  std::vector<std::unique_ptr<asio::io_context>> readers_io_;
  asio::io_context io_;
  std::unique_ptr<StorePlace> place_;
  std::unique_ptr<Store> store_;
};

TEST_P(StoreContract, gives_back_what_was_put_with_its_headers) {
  Object object{"1.0/waittime.json", R"({"call":167})", "application/json",
                "max-age=30, stale-while-revalidate=60"};
  put(object);
  EXPECT_EQ(get(object.path), object);
}

TEST_P(StoreContract, says_nothing_is_there_before_anything_was_put) {
  EXPECT_EQ(get("nothing.json"), std::nullopt);
  EXPECT_EQ(get("no/such/folder/nothing.json"), std::nullopt);
}

TEST_P(StoreContract, replaces_body_and_headers) {
  put({"a.json", "[1,2,3,4,5,6,7,8]", "application/json", "max-age=30"});
  Object second{"a.json", "x", "text/plain; charset=utf-8", ""};
  put(second);
  EXPECT_EQ(get("a.json"), second);
}

TEST_P(StoreContract, takes_keys_with_spaces_unicode_and_reserved_characters) {
  int n = 0;
  for (const char* path : {"a b/c d.json", "ünïcode/世界/🐟.json", "a+b.json", "100%.json", "%41.json",
                           "%2F.json", "q?x=1&y=2#z.json", "!$&'()*,;=:@[].json", "quote\"less<than>.json",
                           "back\\slash|pipe^caret`tick{}.json", "~tilde-_..json", "a...b/.hidden.json",
                           " leading and trailing ", "A.json", "a.json"}) {
    SCOPED_TRACE(path);
    Object object{path, fmt::format("{{\"n\":{}}}", ++n), "application/json", ""};
    put(object);
    EXPECT_EQ(get(path), object);
  }
  EXPECT_EQ(get("A.json")->body, "{\"n\":14}") << "keys differ by case";
}

TEST_P(StoreContract, keeps_keys_apart_that_look_alike_once_decoded) {
  put({"x y.json", "blank", "text/plain", ""});
  put({"x+y.json", "plus", "text/plain", ""});
  put({"x%20y.json", "percent", "text/plain", ""});
  EXPECT_EQ(get("x y.json")->body, "blank");
  EXPECT_EQ(get("x+y.json")->body, "plus");
  EXPECT_EQ(get("x%20y.json")->body, "percent");
}

TEST_P(StoreContract, takes_an_empty_body) {
  Object object{"empty.txt", "", "text/plain", "no-cache"};
  put(object);
  EXPECT_EQ(get("empty.txt"), object);
}

TEST_P(StoreContract, takes_any_bytes) {
  std::string bytes;
  for (int i = 0; i < 4096; ++i) bytes += static_cast<char>(i * 7919 >> 3);
  Object object{"bytes.bin", bytes, "application/octet-stream", ""};
  put(object);
  EXPECT_EQ(get("bytes.bin"), object);
}

TEST_P(StoreContract, takes_five_megabytes) {
  std::string body = "[";
  while (body.size() < 5'000'000) body += fmt::format("{{\"n\":{}}},", body.size());
  Object object{"large.json", body + "0]", "application/json", "max-age=1"};
  put(object);
  EXPECT_TRUE(get("large.json") == object) << "not the five megabytes that were put";
}

TEST_P(StoreContract, removes_an_object_once_and_again_and_takes_it_anew) {
  Object object{"f/gone.json", "1", "application/json", "max-age=9"};
  put(object);
  remove("f/gone.json");
  EXPECT_EQ(get("f/gone.json"), std::nullopt);
  remove("f/gone.json");
  remove("never/was.json");
  put(object);
  EXPECT_EQ(get("f/gone.json"), object);
}

TEST_P(StoreContract, removes_only_what_was_named) {
  put({"p/a.json", "1", "application/json", ""});
  put({"p/a.json.old", "2", "application/json", ""});
  remove("p/a.json");
  EXPECT_EQ(get("p/a.json.old")->body, "2");
}

TEST_P(StoreContract, refuses_paths_that_could_leave_the_store) {
  for (std::string path : {"", "/abs.json", "../up.json", "a/../../up.json", "a/./b.json", "a//b.json", "a/",
                           "..", ".", "line\nbreak.json", "\xff\xfe.json"}) {
    SCOPED_TRACE(path);
    EXPECT_FALSE(test::run_task(io_, store_->put({path, "x", "text/plain", ""})));
    EXPECT_FALSE(test::run_task(io_, store_->get(path)));
    EXPECT_FALSE(test::run_task(io_, store_->remove(path)));
  }
}

TEST_P(StoreContract, never_shows_half_an_object_while_it_is_replaced) {
  constexpr int kTimes = 200;
  auto body_of = [](int n) {
    return fmt::format("{{\"n\":{},\"fill\":\"{}\",\"end\":{}}}", n, std::string(1000 + n * 311 % 60000, 'x'),
                       n);
  };
  put({"hot.json", body_of(0), "application/json", ""});
  std::atomic<bool> over = false;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> readers;
  std::vector<std::atomic<int>> reads(2);
  for (auto& count : reads) {
    asio::io_context& io = *readers_io_.emplace_back(std::make_unique<asio::io_context>());
    readers.emplace_back([&, this] {
      auto store = place_->open(io);
      int last = 0;
      while (!over) {
        auto found = test::run_task(io, store->get("hot.json"));
        int n = -1;
        bool whole = found && *found && sscanf((*found)->body.c_str(), "{\"n\":%d,", &n) == 1 &&
                     (*found)->body == body_of(n);
        if (!whole || n < last) ++wrong;
        last = n;
        ++count;
      }
    });
  }
  for (int n = 1; n <= kTimes; ++n) {
    auto done = test::run_task(io_, store_->put({"hot.json", body_of(n), "application/json", ""}));
    EXPECT_TRUE(done) << done.error().text();
  }
  // On one busy core the writer may be done before a reader begins: each must have read at least once.
  while (reads[0] == 0 || reads[1] == 0) std::this_thread::yield();
  over = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(get("hot.json")->body, body_of(kTimes));
}

}  // namespace pollux::publish

// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/object_path.hpp"

#include <gtest/gtest.h>

namespace pollux::publish {
namespace {

TEST(ObjectPath, takes_whatever_can_be_a_key_and_a_file) {
  for (const char* path :
       {"a", "a/b/c.json", "a b", "ü/世界/🐟", ".hidden", "...", "a..b/c", "100%", "a\\b"}) {
    EXPECT_EQ(object_path_fault(path), std::nullopt) << path;
  }
}

TEST(ObjectPath, refuses_what_could_leave_the_store_or_be_no_key) {
  for (std::string path :
       {std::string(""), std::string("/a"), std::string("a/"), std::string("a//b"), std::string(".."),
        std::string("a/.."), std::string("../a"), std::string("./a"), std::string("a/./b"),
        std::string("a\0b", 3), std::string("a\nb"), std::string("a\x7f"), std::string(1025, 'a')}) {
    EXPECT_TRUE(object_path_fault(path)) << path;
  }
}

TEST(ObjectPath, refuses_what_is_not_utf8) {
  // A lone continuation, a cut sequence, overlong forms, a surrogate, beyond U+10FFFF, bytes that never
  // occur.
  for (const char* path :
       {"\x80", "\xc3", "\xe4\xb8", "\xf0\x9f\x90", "\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf",
        "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_EQ(object_path_fault(path), "is not UTF-8");
  }
}

TEST(ObjectPath, tells_the_type_by_the_ending) {
  EXPECT_EQ(content_type_of("a/waittime.json"), "application/json");
  EXPECT_EQ(content_type_of("a.csv"), "text/csv; charset=utf-8");
  EXPECT_EQ(content_type_of("json"), "application/octet-stream");
}

}  // namespace
}  // namespace pollux::publish

// SPDX-License-Identifier: Apache-2.0
#include "base/shared_text.hpp"

#include <gtest/gtest.h>

namespace pollux {
namespace {

TEST(SharedText, is_a_text_to_all_who_want_one) {
  SharedText text = std::string("abc");
  const std::string& whole = text;
  std::string_view view = text;
  EXPECT_EQ(whole, "abc");
  EXPECT_EQ(view, "abc");
  EXPECT_EQ(text, "abc");
  EXPECT_EQ(text.size(), 3U);
  EXPECT_NE(text, "abd");
  EXPECT_TRUE(SharedText().empty());
  EXPECT_EQ(SharedText(""), SharedText());
  EXPECT_EQ(SharedText().str(), "");
}

TEST(SharedText, is_in_memory_once_however_often_it_is_copied) {
  SharedText text = "abc";
  SharedText copy = text;
  EXPECT_TRUE(copy.shares(text));
  EXPECT_EQ(copy.str().data(), text.str().data());
  EXPECT_EQ(copy, SharedText("abc"));
  EXPECT_FALSE(copy.shares(SharedText("abc")));
}

}  // namespace
}  // namespace pollux

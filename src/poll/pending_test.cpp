// SPDX-License-Identifier: Apache-2.0
#include "poll/pending.hpp"

#include <gtest/gtest.h>

namespace pollux::poll {
namespace {

TEST(Pending, reads_back_as_it_was_written) {
  Pending pending{Time(Millis(1'767'323'045'123)), R"({"since":"a\n1.10"})", true, "application/json",
                  "[1,\n2]\n"};
  EXPECT_EQ(parse_pending(pending_text(pending)), pending);
  Pending text{Time{}, "", false, "", std::string("caf\xe9\0\n", 6)};
  EXPECT_EQ(parse_pending(pending_text(text)), text);
}

TEST(Pending, refuses_what_is_none) {
  for (auto text :
       {"", "[]", "{}", "{}\n[]", "null\n[]", R"({"at":1,"cursor":1,"is_window":true,"content_type":""}
[])"}) {
    auto parsed = parse_pending(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::kState);
  }
}

}  // namespace
}  // namespace pollux::poll

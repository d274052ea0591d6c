// SPDX-License-Identifier: Apache-2.0
#include "base/redactor.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "base/encoding.hpp"

namespace pollux {
namespace {

TEST(Secret, prints_as_stars) {
  std::ostringstream out;
  out << Secret("hunter22");
  EXPECT_EQ(out.str(), "***");
}

TEST(Redactor, hides_a_secret_in_every_form_it_is_written_in) {
  const std::string secret = "p\"ss wörd/+";
  Redactor redactor;
  redactor.hide(Secret(secret));
  for (const std::string& text :
       {"x" + secret + "y", percent_encode(secret), json_quote(secret), base64(secret),
        base64("user:" + secret), base64("/x?k=" + percent_encode(secret)),
        percent_encode(percent_encode(secret)), base64("me:" + secret + "!"), base64("u:" + secret)}) {
    EXPECT_TRUE(redactor.reveals(text)) << text;
    std::string redacted = redactor.redact(text);
    EXPECT_NE(redacted.find("***"), std::string::npos) << text;
    EXPECT_FALSE(redactor.reveals(redacted)) << redacted;
  }
}

TEST(Redactor, leaves_other_text_as_it_is) {
  Redactor redactor;
  redactor.hide(Secret("hunter22"));
  EXPECT_EQ(redactor.redact("hunter2 and hunter3"), "hunter2 and hunter3");
}

TEST(Redactor, does_not_search_for_what_is_too_short_to_be_a_secret) {
  Redactor redactor;
  redactor.hide(Secret("42"));
  redactor.hide(Secret(""));
  EXPECT_EQ(redactor.redact("42 rows"), "42 rows");
}

TEST(Redactor, forgets_the_oldest_of_the_passing_ones_but_never_a_lasting_one) {
  Redactor redactor;
  redactor.hide(Secret("lasting-secret"));
  for (int i = 0; i < 1000; ++i) redactor.hide_passing(Secret("token-" + std::to_string(10'000 + i)));
  EXPECT_TRUE(redactor.reveals("lasting-secret"));
  EXPECT_TRUE(redactor.reveals("token-10999"));
  EXPECT_FALSE(redactor.reveals("token-10000"));
}

TEST(Redactor, takes_a_passing_secret_that_is_hidden_again_for_a_new_one) {
  Redactor redactor;
  for (int i = 0; i < 1000; ++i) {
    redactor.hide_passing(Secret("asked-for-again"));
    redactor.hide_passing(Secret("token-" + std::to_string(10'000 + i)));
  }
  EXPECT_EQ(redactor.redact("x asked-for-again y"), "x *** y");
}

TEST(Redactor, keeps_what_is_in_use_however_many_pass_and_lets_it_pass_when_another_takes_its_place) {
  Redactor redactor;
  redactor.hide_in_use("api", Secret("access-one"));
  redactor.hide_in_use("other", Secret("access-two"));
  for (int i = 0; i < 1000; ++i) redactor.hide_passing(Secret("token-" + std::to_string(10'000 + i)));
  EXPECT_EQ(redactor.redact("access-one access-two"), "*** ***");
  redactor.hide_in_use("api", Secret("access-three"));
  EXPECT_TRUE(redactor.reveals("access-one")) << "a request that carries it may be on its way";
  for (int i = 0; i < 1000; ++i) redactor.hide_passing(Secret("token-" + std::to_string(20'000 + i)));
  EXPECT_FALSE(redactor.reveals("access-one"));
  EXPECT_EQ(redactor.redact("access-two access-three"), "*** ***");
}

}  // namespace
}  // namespace pollux

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

}  // namespace
}  // namespace pollux

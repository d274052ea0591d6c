// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/access_log.hpp"

#include <gtest/gtest.h>

namespace pollux::egress {
namespace {

TEST(FitForLog, says_of_path_and_query_only_that_they_are_there) {
  EXPECT_EQ(fit_for_log("https://api.example/v1?api_key=hunter2"), "https://api.example/");
  EXPECT_EQ(fit_for_log("https://api.example?api_key=hunter2"), "https://api.example?");
  EXPECT_EQ(fit_for_log("http://api.example/?key=hunter2#f"), "http://api.example/");
  EXPECT_EQ(fit_for_log("http://api.example#hunter2"), "http://api.example#");
  EXPECT_EQ(fit_for_log("api.example:443/hunter2"), "api.example:443/");
}

TEST(FitForLog, says_of_what_has_no_host_how_it_begins) {
  EXPECT_EQ(fit_for_log("/x?token=hunter2"), "/");
  EXPECT_EQ(fit_for_log("/x?to=http://api.example/hunter2"), "/");
  EXPECT_EQ(fit_for_log("//hunter2"), "/");
  EXPECT_EQ(fit_for_log(":/hunter2"), ":/");
  EXPECT_EQ(fit_for_log("http:/hunter2"), "http:/");
  EXPECT_EQ(fit_for_log("?hunter2"), "?");
  EXPECT_EQ(fit_for_log("http://"), "http://");
  EXPECT_EQ(fit_for_log(""), "");
}

TEST(FitForLog, has_no_user_and_no_password_wherever_they_end) {
  EXPECT_EQ(fit_for_log("u:hunter2@10.0.0.1:443"), "***@10.0.0.1:443");
  EXPECT_EQ(fit_for_log("https://u:hunter2@api.example/x"), "***@api.example/");
  EXPECT_EQ(fit_for_log("https://u:hun@ter2@api.example/x"), "***@api.example/");
  EXPECT_EQ(fit_for_log("https://u:hunter2/x@api.example/"), "***");
  EXPECT_EQ(fit_for_log("https://u:hun?ter2@api.example"), "***");
}

TEST(FitForLog, is_printable_and_not_long) {
  EXPECT_EQ(fit_for_log("a\nb\xff c"), "a?b??c");
  EXPECT_EQ(fit_for_log(std::string(1000, 'a')), std::string(300, 'a') + "...");
}

}  // namespace
}  // namespace pollux::egress

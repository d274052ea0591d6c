// SPDX-License-Identifier: Apache-2.0
#include "poll/fetch/pages/link_header.hpp"

#include <gtest/gtest.h>

namespace pollux::fetch {
namespace {

TEST(LinkHeader, finds_the_relation_among_several_links) {
  std::string github =
      R"(<https://api.test/r?page=1>; rel="prev", <https://api.test/r?page=3>; rel="next", <https://api.test/r?page=9>; rel="last")";
  EXPECT_EQ(find_link(github, "next"), "https://api.test/r?page=3");
  EXPECT_EQ(find_link(github, "LAST"), "https://api.test/r?page=9");
  EXPECT_FALSE(find_link(github, "first"));
}

TEST(LinkHeader, reads_what_rfc_8288_allows) {
  EXPECT_EQ(find_link("</a,b;c>;rel=next", "next"), "/a,b;c");
  EXPECT_EQ(find_link(R"(</a> ; title="x, <y>; rel=\"next\"" ; REL="prev NEXT")", "next"), "/a");
  EXPECT_EQ(find_link(", ,</a>; hreflang; rel=next", "next"), "/a");
  EXPECT_EQ(find_link("</a>; rel=prev; rel=next, </b>; rel=next", "next"), "/b");
  EXPECT_EQ(find_link("<>; rel=next", "next"), "");
}

TEST(LinkHeader, passes_over_links_of_another_page) {
  EXPECT_EQ(find_link(R"(</a>; rel=next; anchor="/other", </b>; rel=next)", "next"), "/b");
  EXPECT_FALSE(find_link("</a>; rev=next", "next"));
}

TEST(LinkHeader, finds_nothing_in_what_it_cannot_read) {
  for (const char* bad : {"", "next", "<", "</a", "</a>", "</a>;", "</a>; rel=\"next", "</a> rel=next", ";;",
                          "</a>; rel=nextish", "</a>; rel"})
    EXPECT_EQ(find_link(bad, "next").value_or("-"), std::string(bad) == "</a>; rel=\"next" ? "/a" : "-")
        << bad;
}

}  // namespace
}  // namespace pollux::fetch

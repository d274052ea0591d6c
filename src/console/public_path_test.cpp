// SPDX-License-Identifier: Apache-2.0
#include "console/public_path.hpp"

#include <gtest/gtest.h>

namespace pollux::console {
namespace {

using namespace std::string_literals;

TEST(PublicPath, with_one_store_the_rest_is_the_object) {
  EXPECT_EQ(public_path("/public/1.0/waittime.json", {"local"}), (PublicPath{"local", "1.0/waittime.json"}));
  EXPECT_EQ(public_path("/public/_status.json", {"local"}), (PublicPath{"local", "_status.json"}));
  EXPECT_EQ(public_path("/public/a%20b/%C3%A4.json", {"local"}), (PublicPath{"local", "a b/ä.json"}));
}

TEST(PublicPath, with_several_the_first_part_names_the_store) {
  EXPECT_EQ(public_path("/public/two/x.json", {"one", "two"}), (PublicPath{"two", "x.json"}));
  EXPECT_FALSE(public_path("/public/three/x.json", {"one", "two"}));
  EXPECT_FALSE(public_path("/public/two", {"one", "two"}));
  EXPECT_FALSE(public_path("/public/x.json", {}));
}

TEST(PublicPath, refuses_every_way_out_of_the_store_and_every_hidden_file) {
  for (const char* bad : {"/public/..",
                          "/public/../x",
                          "/public/a/../../x",
                          "/public/%2e%2e/x",
                          "/public/%2E%2e%2fx",
                          "/public/..%2fx",
                          "/public/a%2fb",
                          "/public/a%5cb",
                          "/public/a\\b",
                          "/public/%5c..%5cx",
                          "/public/%00",
                          "/public/x.json%00.html",
                          "/public/.git/config",
                          "/public/a/.x.json.meta",
                          "/public/%2egit",
                          "/public/.",
                          "/public/./x",
                          "/public//x",
                          "/public/x/",
                          "/public/",
                          "/public",
                          "/public/%",
                          "/public/%zz",
                          "/public/%0a",
                          "/public/%7f",
                          "/public/%ff",
                          "/public/%c0%ae%c0%ae/x",
                          "/public/%ed%a0%80",
                          "/publicx/x",
                          "public/x",
                          "",
                          "*"}) {
    EXPECT_FALSE(public_path(bad, {"local"})) << bad;
  }
}

TEST(PublicPath, decodes_once_only) {
  EXPECT_EQ(public_path("/public/%252e%252e", {"local"}), (PublicPath{"local", "%2e%2e"}));
}

}  // namespace
}  // namespace pollux::console

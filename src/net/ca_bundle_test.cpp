// SPDX-License-Identifier: Apache-2.0
#include "net/ca_bundle.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/support/authority.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::net {
namespace {

using test::Authority;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(CaBundle, holds_the_systems_cas_and_those_of_the_folder) {
  Authority system("system"), first("first"), second("second");
  test::TempDir dir;
  auto own = dir.write("system.pem", system.certificate());
  dir.write("more/b.crt", second.certificate());
  dir.write("more/a.crt", first.certificate());
  dir.write("more/readme.txt", "nothing to see");
  dir.write("more/deeper/c.crt", second.certificate());
  auto bundle = CaBundle::make(own, dir / "more");
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_EQ((*bundle)->added(), 2U);
  EXPECT_EQ(test::read_text((*bundle)->path()),
            system.certificate() + first.certificate() + second.certificate());
  EXPECT_THAT((*bundle)->warnings(), ElementsAre(HasSubstr("readme.txt: it holds no certificate")));
}

TEST(CaBundle, takes_nothing_more_once_it_is_made) {
  Authority authority;
  test::TempDir dir;
  dir.write("more/a.crt", authority.certificate());
  auto bundle = CaBundle::make({}, dir / "more");
  ASSERT_TRUE(bundle);
  int fd = open((*bundle)->path().c_str(), O_WRONLY | O_CLOEXEC);
  if (fd >= 0) {
    EXPECT_LT(::write(fd, "x", 1), 0);
    ::close(fd);
  }
  EXPECT_EQ(test::read_text((*bundle)->path()), authority.certificate());
}

TEST(CaBundle, needs_a_folder_that_can_be_read) {
  auto bundle = CaBundle::make("/nowhere");
  ASSERT_FALSE(bundle);
  EXPECT_THAT(bundle.error().message, HasSubstr("/nowhere: No such file"));
}

}  // namespace
}  // namespace pollux::net

// SPDX-License-Identifier: Apache-2.0
#include "app/egress_load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/poller_needs.hpp"
#include "tests/support/authority.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::app {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

class EgressLoadTest : public testing::Test {
 protected:
  EgressLoad load(const config::Environment& environment = config::process_environment()) const {
    return load_marked(environment, [&](const config::Environment& marked) {
      return egress::load_egress(dir_ / "egress.yaml", marked, poller_file(marked));
    });
  }
  std::vector<std::string> names(const FileMarks& marks) const {
    std::vector<std::string> out;
    for (const auto& [file, mark] : marks) out.push_back(file.filename().string());
    return out;
  }

  test::TempDir dir_;
};

TEST_F(EgressLoadTest, marks_all_that_was_read_whatever_names_it) {
  dir_.write("egress.yaml",
             "clients:\n"
             "  a: { user: a, password: \"${file:password}\", allow_files: [allow.acl] }\n"
             "  b: { for: pollux.yaml }\n");
  dir_.write("password", "a-good-password");
  dir_.write("allow.acl", "a.example");
  dir_.write("pollux.yaml",
             "upstreams:\n  api:\n    url: https://api.example\n    proxy: http://127.0.0.1:3128\n"
             "    auth: { bearer: \"${file:token}\" }\n"
             "polls: { p: { every: 1m, fetch: { from: api, path: /p } } }\n");
  dir_.write("token", "a-good-token");
  const EgressLoad good = load();
  ASSERT_TRUE(good.outcome) << good.outcome.error().front().text();
  EXPECT_THAT(names(good.marks),
              UnorderedElementsAre("egress.yaml", "password", "allow.acl", "pollux.yaml", "token"));
  EXPECT_EQ(good.marks, marks_now(good.marks));
  dir_.write("token", "another-token");
  EXPECT_NE(good.marks, marks_now(good.marks));
  std::filesystem::remove(dir_ / "allow.acl");
  const EgressLoad bad = load();
  EXPECT_FALSE(bad.outcome);
  EXPECT_THAT(names(bad.marks), testing::Contains("allow.acl")) << "it may come back";
}

TEST_F(EgressLoadTest, sees_a_change_that_came_while_it_read) {
  dir_.write("egress.yaml", "clients: { a: { allow: [a.example] } }\n");
  config::Environment slow = config::process_environment();
  slow.read = [this, read = slow.read](const std::filesystem::path& file) {
    auto text = read(file);
    dir_.write("egress.yaml", "clients: { a: { allow: [a.example, b.example] } }\n");
    return text;
  };
  const EgressLoad before = load(slow);
  ASSERT_TRUE(before.outcome);
  EXPECT_NE(before.marks, marks_now(before.marks));
}

TEST_F(EgressLoadTest, leaves_the_certificate_to_who_looks_at_it_by_itself) {
  const test::Authority authority;
  const test::Identity own = authority.issue("proxy");
  dir_.write("proxy.pem", own.certificate);
  dir_.write("proxy.key", own.key);
  dir_.write("egress.yaml",
             "tls: { certificate: proxy.pem, key: proxy.key }\nclients: { a: { allow: [a.example] } }\n");
  const EgressLoad loaded = load();
  ASSERT_TRUE(loaded.outcome);
  EXPECT_THAT(loaded.outcome->certificate_faults, IsEmpty());
  EXPECT_THAT(names(loaded.marks), UnorderedElementsAre("egress.yaml"));
}

}  // namespace
}  // namespace pollux::app

// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "config/testdata/loading.hpp"

namespace pollux::config {
namespace {

using testdata::all_texts;
using testdata::fake_environment;
using testdata::faults_of;
using testdata::kUp;
using testdata::load_text;
using testdata::texts_of;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Load, takes_every_good_file) {
  for (const std::string& yaml : testdata::good_files()) {
    auto loaded = load_text(yaml);
    EXPECT_TRUE(loaded) << yaml << all_texts(loaded.error());
  }
}

TEST(Load, refuses_every_broken_file_at_the_right_place_with_the_right_words) {
  for (const auto& broken : testdata::broken_files()) {
    auto loaded = load_text(broken.yaml);
    ASSERT_FALSE(loaded) << broken.yaml;
    auto meant = std::ranges::find_if(loaded.error(), [&](const Fault& fault) {
      return fault.at == broken.at && fault.path == broken.path &&
             fault.text().find(broken.says) != std::string::npos;
    });
    EXPECT_NE(meant, loaded.error().end())
        << broken.yaml << "\nwanted " << broken.at.line << ":" << broken.at.column << " " << broken.path
        << ": " << broken.says << "\ngot\n"
        << all_texts(loaded.error());
    EXPECT_EQ(loaded.error().size(), broken.faults) << broken.yaml << "\n" << all_texts(loaded.error());
  }
}

TEST(Load, refuses_a_store_that_would_make_the_file_itself_public) {
  for (auto directory : {".", "..", "/", "/etc/pollux", "public/.."}) {
    std::string yaml = fmt::format(
        "upstreams: {{a: {{url: http://a}}}}\npolls: {{p: {{every: 1m, fetch: {{from: a}}}}}}\nstores: {{s: "
        "{{directory: {}}}}}\n",
        directory);
    auto loaded = load_text(yaml);
    ASSERT_FALSE(loaded) << directory;
    EXPECT_NE(loaded.error()[0].text().find(":3:25: stores.s.directory: a directory that holds this file"),
              std::string::npos)
        << loaded.error()[0].text();
  }
}

TEST(Load, has_a_table_of_broken_files_that_is_worth_its_name) {
  EXPECT_GE(testdata::broken_files().size(), 60U);
}

TEST(Load, reports_all_faults_at_once_in_the_order_of_the_file) {
  auto faults = faults_of(
      "listen: nowhere\nupstreams: {a: {url: ftp://a}}\npolls:\n  p:\n    evry: 1m\n    fetch: {from: b}\n");
  EXPECT_THAT(all_texts(faults),
              testing::StartsWith("/etc/pollux/pollux.yaml:1:9: listen: `nowhere`; expected an address"));
  std::vector<int> lines;
  for (const Fault& fault : faults) lines.push_back(fault.at.line);
  EXPECT_THAT(lines, ElementsAre(1, 2, 5, 5, 6));
  EXPECT_THAT(all_texts(faults), HasSubstr("did you mean `every`?"));
}

TEST(Load, says_when_the_file_cannot_be_read) {
  auto loaded = load("/etc/pollux/other.yaml", fake_environment(""));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error()[0].text(),
            "/etc/pollux/other.yaml: cannot be read: /etc/pollux/other.yaml: No such file or directory; "
            "expected a file");
}

TEST(Load, warns_of_redirects_that_limits_keep_from_being_followed) {
  auto warnings = [](const std::string& keys) {
    return texts_of(testdata::loaded("upstreams: {a: {url: http://a, " + keys + "}}\n" +
                                     "polls: {p: {every: 1m, fetch: {from: a}}}")
                        .warnings);
  };
  EXPECT_THAT(warnings("limits: 60/minute, redirects: any"),
              ElementsAre(HasSubstr(":1:62: warning: upstreams.a.redirects: `any` beside `limits`")));
  EXPECT_EQ(warnings("redirects: same_host, limits: 60/minute").size(), 1U);
  EXPECT_EQ(warnings("redirects: none, limits: 60/minute").size(), 0U);
  EXPECT_EQ(warnings("redirects: any").size(), 0U);
  EXPECT_EQ(warnings("limits: 60/minute").size(), 0U);
}

TEST(Load, survives_a_bomb_of_aliases) {
  std::string yaml = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'j'; ++c) {
    std::string before(1, static_cast<char>(c - 1));
    yaml += std::string(1, c) + ": &" + c + " [*" + before + ",*" + before + ",*" + before + ",*" + before +
            ",*" + before + ",*" + before + ",*" + before + ",*" + before + ",*" + before + "]\n";
  }
  EXPECT_THAT(all_texts(faults_of(yaml)), HasSubstr("aliases that expand to too much"));
}

TEST(Load, survives_a_deep_hole) {
  EXPECT_THAT(all_texts(faults_of("polls: " + std::string(100000, '['))), HasSubstr("too deep"));
  EXPECT_THAT(all_texts(faults_of("polls: " + std::string(400, '{'))), HasSubstr("too deep"));
}

TEST(Load, names_both_ways_to_give_missing_store_credentials) {
  auto environment =
      fake_environment(kUp + "stores: {s: {s3: {bucket: abc}}}\npolls: {p: {every: 1m, fetch: {from: a}}}");
  environment.variable = [](const std::string&) { return std::nullopt; };
  auto loaded = load("/etc/pollux/pollux.yaml", environment);
  ASSERT_FALSE(loaded);
  std::string texts = all_texts(loaded.error());
  EXPECT_THAT(texts,
              HasSubstr("the key `access_key_id` here, or the environment variable AWS_ACCESS_KEY_ID"));
  EXPECT_THAT(
      texts,
      HasSubstr("the key `secret_access_key` here, or the environment variable AWS_SECRET_ACCESS_KEY"));
  EXPECT_THAT(texts, HasSubstr("the key `region` here, or the environment variable AWS_REGION"));
}

}  // namespace
}  // namespace pollux::config

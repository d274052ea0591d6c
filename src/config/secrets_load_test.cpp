// SPDX-License-Identifier: Apache-2.0
// What load() takes for a secret, warns of, and keeps out of what it says.
#include <gmock/gmock.h>

#include "config/testdata/loading.hpp"

namespace pollux::config {
namespace {

using testdata::all_texts;
using testdata::faults_of;
using testdata::good;
using testdata::kUp;
using testdata::load_text;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Load, knows_every_secret_that_it_substituted) {
  File file = good(testdata::good_files()[2]);
  std::vector<std::string> values;
  for (const Secret& secret : file.secrets) values.push_back(secret.reveal());
  for (std::string value : {"the-key-itself", "file-key-1", "12345678", "file-token-1", "vcap-token-1",
                            "a-long-secret", "a-long-token", "pollux"}) {
    EXPECT_THAT(values, Contains(value));
  }
  EXPECT_THAT(values, Not(Contains("u")));
  EXPECT_THAT(values, Not(Contains("90s")));
  EXPECT_THAT(values, Not(Contains("http://proxy:3128"))) << "without a user there is nothing to hide";
}

TEST(Load, knows_the_password_of_a_proxy_apart_from_its_address) {
  File file = good(
      "upstreams: {a: {url: http://a, proxy: 'http://me:p%40ssword@proxy:3128'}}\npolls: {p: {every: 1m, "
      "fetch: {from: a}}}");
  std::vector<std::string> values;
  for (const Secret& secret : file.secrets) values.push_back(secret.reveal());
  EXPECT_THAT(values,
              ElementsAre("http://me:p%40ssword@proxy:3128", "me:p%40ssword", "p%40ssword", "p@ssword"));
}

TEST(Load, takes_a_variable_for_a_secret_by_its_name_and_by_credentials_in_its_value) {
  File file = good(
      kUp +
      "polls: {p: {every: 1m, fetch: {from: a, query: {k: '${API_KEY}', u: '${vcap:callwait-storage.uri}', "
      "i: '${vcap:callwait-storage.access_key_id}', n: '${vcap:callwait-storage.nested.deep}'}}}}");
  std::vector<std::string> values;
  for (const Secret& secret : file.secrets) values.push_back(secret.reveal());
  EXPECT_THAT(values, ElementsAre("the-key-itself", "s3://id:vcap-password@host", "vcap-id-1"));
}

TEST(Load, warns_of_secrets_that_are_too_short_to_be_hidden) {
  auto loaded = load_text(
      "upstreams: {a: {url: http://a, auth: {bearer: '${SHORT_KEY}'}}}\npolls: {p: {every: 1m, fetch: {from: "
      "a}}}");
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->warnings.size(), 1U);
  EXPECT_THAT(loaded->warnings[0].text(),
              HasSubstr(":1:47: warning: upstreams.a.auth.bearer: a secret of less than 6"));
}

TEST(Load, warns_of_secrets_that_a_jq_program_could_publish) {
  auto loaded = load_text(kUp + "polls: {p: {every: 1m, fetch: {from: a}, vars: {k: '${API_KEY}'}}}");
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->warnings.size(), 1U);
  EXPECT_THAT(loaded->warnings[0].text(), HasSubstr("polls.p.vars.k: a secret in `vars`"));
}

TEST(Load, never_shows_a_secret_in_a_fault) {
  for (std::string place :
       {"auth: hunter22", "auth: [hunter22]", "auth: {bearer: [hunter22]}",
        "auth: {bearer: {hunter2: hunter22}}", "auth: {basic: hunter22}", "auth: {header: hunter22}",
        "auth: {header: {'bad name': hunter22}}", "headers: hunter22", "headers: {X: [hunter22]}",
        "url: 'https://me:hunter22@a'", "proxy: 'hunter22'", "proxy: 'ftp://me:hunter22@proxy'",
        "auth: {bearer: '${hunter22 }'}", "auth: {bearer: \"hunter22\\nx\"}",
        "auth: {oauth2: {token_url: 'http://u:hunter22@a', client_id: x, client_secret: y}}",
        "headers: {X: hunter22}, concurrency: hunter22"}) {
    std::string url = place.starts_with("url:") ? "" : "url: http://a, ";
    auto faults =
        faults_of("upstreams: {a: {" + url + place + "}}\npolls: {p: {every: 1m, fetch: {from: a}}}");
    EXPECT_THAT(all_texts(faults), Not(HasSubstr("hunter22"))) << place;
  }
  auto faults = faults_of(
      kUp + "polls: {p: {every: '${API_KEY}', fetch: {from: the-key-itself, query: {k: '${API_KEY}'}}}}");
  EXPECT_THAT(all_texts(faults), Not(HasSubstr("the-key-itself")));
}

}  // namespace
}  // namespace pollux::config

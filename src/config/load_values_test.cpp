// SPDX-License-Identifier: Apache-2.0
// What the structs hold when load() has read a file.
#include <gmock/gmock.h>

#include <algorithm>

#include "config/testdata/loading.hpp"

namespace pollux::config {
namespace {

using testdata::all_texts;
using testdata::fake_environment;
using testdata::good;
using testdata::kUp;
using testdata::load_text;
using testing::ElementsAre;

TEST(Load, fills_the_structs_from_the_example_of_the_design) {
  File file = good(testdata::good_files()[0]);
  const Upstream& upstream = file.upstreams.at("contact-center");
  EXPECT_EQ(upstream.name, "contact-center");
  EXPECT_EQ(upstream.url, "https://api.example.gov");
  const auto& oauth2 = std::get<OAuth2Auth>(upstream.auth);
  EXPECT_EQ(oauth2.token_url, "https://login.example.gov/oauth/token");
  EXPECT_EQ(oauth2.client_id, "poller");
  EXPECT_EQ(oauth2.client_secret.reveal(), "s3cr3t-of-the-client");
  EXPECT_EQ(upstream.timeouts.total, std::chrono::seconds(10));
  EXPECT_EQ(upstream.retry.attempts, 4U);
  EXPECT_EQ(upstream.limits, (std::vector<Limit>{{300, Limit::Per::kMinute, false, "UTC"},
                                                 {20000, Limit::Per::kDay, false, "UTC"}}));
  EXPECT_EQ(upstream.proxy->reveal(), "https://user:pr0xy-pass@egress.apps.internal:61443");
  const auto& s3 = std::get<S3Store>(file.stores.at("public").kind);
  EXPECT_EQ(s3.bucket, "waits");
  EXPECT_EQ(s3.region, "us-gov-west-1");
  EXPECT_EQ(s3.access_key_id, "AKIAEXAMPLE");
  EXPECT_EQ(s3.secret_access_key.reveal(), "aws-secret-access");
  EXPECT_THAT(file.stores.at("public").cors_origins, ElementsAre("https://www.usa.gov", "https://usa.gov"));
  const Poll& poll = file.polls.at("wait-times");
  EXPECT_EQ(std::get<calendar::Every>(poll.schedule).period, std::chrono::minutes(1));
  EXPECT_TRUE(poll.named_steps);
  ASSERT_EQ(poll.steps.size(), 2U);
  EXPECT_EQ(poll.steps[0].name, "en_call");
  EXPECT_EQ(poll.steps[0].upstream, "contact-center");
  EXPECT_EQ(poll.steps[0].path, (Template{{"/api/v2/queues/0b5e7ad5/call"}}));
  EXPECT_EQ(poll.check.schema, "/etc/pollux/wait-times.schema.json");
  EXPECT_EQ(poll.check.stale_after, std::chrono::minutes(10));
  ASSERT_EQ(poll.publish.size(), 1U);
  EXPECT_EQ(poll.publish[0].to, "public");
  EXPECT_EQ(poll.publish[0].path, "waittime.json");
  EXPECT_EQ(poll.publish[0].cache, "max-age=30, stale-while-revalidate=60");
  EXPECT_EQ(file.state, "/etc/pollux/.pollux/state.db");
}

TEST(Load, fills_in_what_a_short_file_leaves_out) {
  File file = good(testdata::good_files()[1]);
  EXPECT_EQ(std::get<DirectoryStore>(file.stores.at("local").kind).directory, "/etc/pollux/public");
  const Poll& poll = file.polls.at("p");
  EXPECT_FALSE(poll.named_steps);
  EXPECT_EQ(poll.steps[0].name, "");
  ASSERT_EQ(poll.publish.size(), 1U);
  EXPECT_EQ(poll.publish[0].to, "local");
  EXPECT_EQ(poll.publish[0].path, "p.json");
  EXPECT_EQ(poll.vars_json, "{}");
  EXPECT_EQ(file.listen.host, "127.0.0.1");
  EXPECT_EQ(file.listen.port, 8080);
}

TEST(Load, reads_every_key_there_is) {
  File file = good(testdata::good_files()[2]);
  EXPECT_EQ(file.listen.host, "::1");
  EXPECT_EQ(file.listen.port, 9090);
  EXPECT_EQ(file.log.level, LogLevel::kDebug);
  EXPECT_EQ(file.state, "/etc/pollux/data/state.db");
  const Upstream& header = file.upstreams.at("header");
  EXPECT_EQ(header.url, "https://a.example:8443/base");
  EXPECT_EQ(std::get<KeyAuth>(header.auth).name, "X-Api-Key");
  EXPECT_EQ(std::get<KeyAuth>(header.auth).value.reveal(), "the-key-itself");
  EXPECT_EQ(header.headers.size(), 3U);
  EXPECT_EQ(header.concurrency, 7U);
  EXPECT_EQ(header.timeouts.stall, std::chrono::seconds(5));
  EXPECT_EQ(header.retry.backoff_to, std::chrono::seconds(90));
  ASSERT_EQ(header.limits.size(), 5U);
  EXPECT_EQ(header.limits[1], (Limit{100, Limit::Per::kHour, true, "UTC"}));
  EXPECT_EQ(header.limits[2], (Limit{20000, Limit::Per::kDay, false, "America/Los_Angeles"}));
  EXPECT_EQ(header.breaker.failures, 3U);
  EXPECT_EQ(header.breaker.pause_to, std::chrono::hours(1));
  EXPECT_EQ(file.upstreams.at("basic").breaker.failures, 0U);
  EXPECT_EQ(file.upstreams.at("basic").limits.size(), 1U);
  EXPECT_FALSE(header.proxy);
  EXPECT_EQ(header.ca_file, "/etc/pollux/ca.pem");
  EXPECT_EQ(header.redirects, Redirects::kNone);
  EXPECT_EQ(header.max_answer.count, 512U << 10);
  EXPECT_EQ(std::get<KeyAuth>(file.upstreams.at("query").auth).value.reveal(), "file-key-1");
  EXPECT_EQ(std::get<BearerAuth>(file.upstreams.at("bearer").auth).token.reveal(), "file-token-1");
  EXPECT_EQ(std::get<OAuth2Auth>(file.upstreams.at("oauth2").auth).client_secret.reveal(), "vcap-token-1");
  const auto& s3 = std::get<S3Store>(file.stores.at("there").kind);
  EXPECT_EQ(s3.addressing, S3Store::Addressing::kVirtualHost);
  EXPECT_EQ(s3.endpoint, "http://127.0.0.1:7480");
  EXPECT_EQ(s3.acl, "public-read");
  EXPECT_FALSE(s3.gzip);
  EXPECT_EQ(s3.encryption, "aws:kms");
  EXPECT_EQ(s3.encryption_key, "alias/public");
  EXPECT_EQ(s3.checksum, S3Store::Checksum::kSha256);
  EXPECT_EQ(s3.session_token->reveal(), "a-long-token");
  const Poll& poll = file.polls.at("all.of-it_1");
  const auto& cron = std::get<calendar::CronRule>(poll.schedule);
  EXPECT_EQ(cron.zone, "America/New_York");
  EXPECT_EQ(cron.expression.text, "*/5 8-20 * * MON-FRI");
  EXPECT_EQ(poll.jitter, std::chrono::seconds(10));
  EXPECT_TRUE(poll.transform.round_integers);
  EXPECT_EQ(poll.transform.memory.count, 64U << 20);
  EXPECT_EQ(poll.vars_json,
            R"({"a":"90s","n":7,"f":0.5,"b":true,"z":null,"l":[1,{"x":"y"}],"t":"5","neg":"-0x"})");
}

TEST(Load, reads_every_kind_of_pages) {
  const std::string text = R"(upstreams: {a: {url: http://a}}
polls:
  p:
    every: 1h
    fetch:
      link: {from: a, paginate: {link: next}}
      next: {from: a, paginate: {next: '.["@odata.nextLink"]', items: .value}}
      cursor: {from: a, paginate: {as: after, cursor: ".meta.next[0]", items: .data, until: .end, max_pages: 5}}
      offset: {from: a, paginate: {by: 50, offset: from}}
      page: {from: a, paginate: {page: p, first: 0}}
      jq: {from: a, conditional: false, expect: csv, delimiter: tab, charset: latin1, paginate: {jq: .headers}}
)";
  auto loaded = load_text(text);
  ASSERT_TRUE(loaded);
  const auto& steps = loaded->file.polls.at("p").steps;
  auto pages = [&](std::size_t i) -> const Pages& { return *steps[i].pages; };
  EXPECT_EQ(std::get<Pages::LinkHeader>(pages(0).next).rel, "next");
  EXPECT_EQ(pages(0).max_pages, 100U);
  EXPECT_EQ(std::get<Pages::NextUrl>(pages(1).next).at, JsonPath{std::string("@odata.nextLink")});
  EXPECT_EQ(pages(1).items, JsonPath{std::string("value")});
  const auto& cursor = std::get<Pages::CursorParameter>(pages(2).next);
  EXPECT_EQ(cursor.as, "after");
  EXPECT_EQ(cursor.at, (JsonPath{std::string("meta"), std::string("next"), std::size_t(0)}));
  EXPECT_EQ(pages(2).until.jq, ".end");
  EXPECT_EQ(pages(2).until.at.line, 8);
  EXPECT_EQ(pages(2).max_pages, 5U);
  EXPECT_EQ(std::get<Pages::Offset>(pages(3).next).as, "from");
  EXPECT_EQ(std::get<Pages::Offset>(pages(3).next).by, 50U);
  EXPECT_EQ(std::get<Pages::Number>(pages(4).next).first, 0U);
  EXPECT_EQ(std::get<Pages::Program>(pages(5).next).jq, ".headers");
  EXPECT_EQ(steps[5].expect, Format::kCsv);
  EXPECT_EQ(steps[5].delimiter, '\t');
  EXPECT_EQ(steps[5].charset, "latin1");
  EXPECT_FALSE(steps[5].conditional);
  EXPECT_EQ(steps[0].expect, Format::kAuto);
  EXPECT_TRUE(steps[0].conditional);
}

TEST(Load, turns_references_in_requests_into_templates_and_an_order) {
  File file = good(testdata::good_files()[2]);
  const auto& steps = file.polls.at("all.of-it_1").steps;
  ASSERT_EQ(steps.size(), 4U);
  const Step& item = steps[1];
  using Ref = Template::StepRef;
  EXPECT_EQ(item.path, (Template{{"/items/", Ref{"list", {"items", std::size_t{0}, "id"}}, "/x${y}"}}));
  EXPECT_THAT(item.after, ElementsAre(0U));
  EXPECT_EQ(item.method, Method::kPost);
  EXPECT_EQ(steps[0].query[0].second, (Template{{Template::DateRef{-1}}}));
  EXPECT_EQ(steps[0].query[1].second, (Template{{"1"}}));
  const auto& object = std::get<BodyNode::Object>(std::get<BodyNode>(item.body).value);
  const auto& list = std::get<BodyNode::List>(object[0].value.value);
  EXPECT_EQ(std::get<BodyNode::Raw>(list[1].value).json, "2.50");
  EXPECT_EQ(std::get<Template>(list[4].value), (Template{{Template::DateRef{-7}}}));
  const auto& form = std::get<TemplatePairs>(steps[2].body);
  EXPECT_EQ(form[1].second, (Template{{"nobody"}}));
  EXPECT_EQ(steps[2].expect, Format::kText);
}

TEST(Load, spreads_polls_of_one_period_and_keeps_their_slots) {
  std::string yaml = kUp + "polls:\n";
  for (std::string name : {"one", "two", "three"}) yaml += "  " + name + ": {every: 1h, fetch: {from: a}}\n";
  File file = good(yaml);
  std::vector<Millis> offsets;
  for (const auto& [name, poll] : file.polls) {
    offsets.push_back(std::get<calendar::Every>(poll.schedule).offset);
    EXPECT_LT(offsets.back(), std::chrono::hours(1));
  }
  std::ranges::sort(offsets);
  EXPECT_EQ(std::ranges::unique(offsets).size(), 0U);
  File again = good(yaml);
  EXPECT_EQ(std::get<calendar::Every>(again.polls.at("one").schedule).offset,
            std::get<calendar::Every>(file.polls.at("one").schedule).offset);
}

TEST(Load, takes_credentials_of_a_store_together) {
  // A session token of the environment belongs to the key of the environment.
  auto environment = fake_environment(
      kUp +
      "stores: {s: {s3: {bucket: abc, access_key_id: mine, secret_access_key: my-own-secret}}}\n"
      "polls: {p: {every: 1m, fetch: {from: a}}}");
  environment.variable = [](const std::string& name) -> std::optional<std::string> {
    if (name == "AWS_SESSION_TOKEN") return "token-of-another-key";
    if (name == "AWS_DEFAULT_REGION") return "ca-central-1";
    return std::nullopt;
  };
  auto loaded = load("/etc/pollux/pollux.yaml", environment);
  ASSERT_TRUE(loaded) << all_texts(loaded.error());
  const auto& s3 = std::get<S3Store>(loaded->file.stores.at("s").kind);
  EXPECT_FALSE(s3.session_token);
  EXPECT_EQ(s3.region, "ca-central-1");
}

}  // namespace
}  // namespace pollux::config

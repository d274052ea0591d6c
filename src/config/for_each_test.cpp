// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "config/testdata/loading.hpp"

namespace pollux::config {
namespace {

using testdata::all_texts;
using testdata::kUp;
using testdata::raw_member;
using testing::ElementsAre;
using testing::HasSubstr;

Loaded loaded(const std::string& polls) { return testdata::loaded(kUp + polls); }
File good(const std::string& polls) { return loaded(polls).file; }
std::string refused(const std::string& polls) { return all_texts(testdata::faults_of(kUp + polls)); }

std::vector<std::string> names(const File& file) {
  std::vector<std::string> out;
  for (const auto& [name, poll] : file.polls) out.push_back(name);
  return out;
}

std::string text(const Template& whole) {
  return whole.parts.empty() ? "" : std::get<std::string>(whole.parts.at(0));
}

TEST(ForEach, makes_a_poll_of_each_value_of_a_list) {
  File file = good(
      "polls: {'wait-${each:value}': {for_each: [en, es, 2.50], every: 1m, fetch: {from: a, path: "
      "'/q/${each:value}'}}}");
  EXPECT_THAT(names(file), ElementsAre("wait-2.50", "wait-en", "wait-es"));
  EXPECT_EQ(text(file.polls.at("wait-es").steps[0].path), "/q/es");
  EXPECT_EQ(text(file.polls.at("wait-2.50").steps[0].path), "/q/2.50");
  EXPECT_EQ(file.polls.at("wait-es").name, "wait-es");
  EXPECT_EQ(file.polls.at("wait-es").publish.at(0).path, "wait-es.json");
  EXPECT_EQ(file.polls.at("wait-es").vars_json, R"({"value":"es"})");
}

TEST(ForEach, spreads_the_polls_that_it_makes_over_their_period) {
  File file = good("polls: {'wait-${each:value}': {for_each: [en, es, fr], every: 1h, fetch: {from: a}}}");
  std::vector<Millis> offsets;
  for (const auto& [name, poll] : file.polls)
    offsets.push_back(std::get<calendar::Every>(poll.schedule).offset);
  std::ranges::sort(offsets);
  EXPECT_EQ(std::ranges::unique(offsets).size(), 0U);
}

TEST(ForEach, makes_variables_of_the_keys_of_maps) {
  File file = good(
      "polls: {'${each:lang}': {for_each: [{lang: en, queue: 7, every: 1m}, {lang: es, queue: 08, every: "
      "2m}], "
      "every: '${each:every}', fetch: {from: a, query: {q: '${each:queue}'}}, vars: {lang: x, more: "
      "'${each:lang}!'}}}");
  EXPECT_EQ(text(file.polls.at("es").steps[0].query[0].second), "08");
  EXPECT_EQ(std::get<calendar::Every>(file.polls.at("es").schedule).period, std::chrono::minutes(2));
  EXPECT_EQ(file.polls.at("en").vars_json, R"({"more":"en!","lang":"en","queue":7,"every":"1m"})");
}

TEST(ForEach, makes_every_combination_of_a_matrix_and_numbers_them) {
  File file = good(
      "polls: {'${each:lang}-${each:kind}': {for_each: {lang: [en, es], kind: [call, chat, mail]}, every: "
      "1m, "
      "fetch: {from: a, path: '/${each:#}/${each:lang#}/${each:kind#}'}}}");
  ASSERT_EQ(file.polls.size(), 6U);
  EXPECT_EQ(text(file.polls.at("en-call").steps[0].path), "/1/1/1");
  EXPECT_EQ(text(file.polls.at("en-mail").steps[0].path), "/3/1/3");
  EXPECT_EQ(text(file.polls.at("es-chat").steps[0].path), "/5/2/2");
  EXPECT_EQ(file.polls.at("es-chat").vars_json, R"({"lang":"es","kind":"chat"})");
}

TEST(ForEach, reads_a_csv_file_by_its_names) {
  File file = good(
      "polls: {'q${each:id}': {for_each: {file: queues.csv}, every: 1m, fetch: {from: a, query: {n: "
      "'${each:name}', m: '${each:Medium Name}'}}}}");
  EXPECT_THAT(names(file), ElementsAre("q7", "q8"));
  const Step& step = file.polls.at("q8").steps[0];
  EXPECT_EQ(text(step.query[0].second), "e,s");
  EXPECT_EQ(text(step.query[1].second), "chat");
  EXPECT_EQ(file.polls.at("q8").vars_json, R"({"name":"e,s","id":"8","Medium Name":"chat"})");
}

TEST(ForEach, reads_a_list_inside_a_json_file) {
  File file = good(
      "polls: {'p-${each:row.n}': {for_each: {row: {file: lists.json, at: '.a[0].rows'}}, every: 1m, "
      "fetch: {from: a}}, 'v-${each:value}': {for_each: {file: lists.json, at: .v}, every: 1m, fetch: {from: "
      "a}}}");
  EXPECT_THAT(names(file), ElementsAre("p-x", "p-y", "v-1", "v-b"));
}

TEST(ForEach, reaches_into_lists_by_number) {
  File file = good(
      "polls: {'w${each:value[0]}': {for_each: [[1, 2.50], [3, 4]], every: 1m, fetch: {from: a, path: "
      "'/${each:value[1]}'}}}");
  EXPECT_THAT(names(file), ElementsAre("w1", "w3"));
  EXPECT_EQ(text(file.polls.at("w1").steps[0].path), "/2.50");
}

TEST(ForEach, puts_a_whole_value_into_a_body_as_it_is) {
  File file = good(
      "polls: {'p-${each:row.n}': {for_each: {row: {file: lists.json, at: '.a[0].rows'}}, every: 1m, "
      "fetch: {from: a, json: {query: '${each:row.q}', name: '${each:row.n}', mixed: 'n ${each:row.n}', all: "
      "'${each:row}'}}, vars: {q: '${each:row.q}'}}}");
  const Step& x = file.polls.at("p-x").steps[0];
  // What looks like a variable in a file of values is text: such a file is data, and never sees a secret.
  const std::string q = R"({"f":[1,2.50,"${API_KEY}",null]})";
  EXPECT_EQ(raw_member(x, 0), q);
  EXPECT_EQ(raw_member(x, 1), R"("x")");
  const auto& object = std::get<BodyNode::Object>(std::get<BodyNode>(x.body).value);
  EXPECT_EQ(text(std::get<Template>(object[2].value.value)), "n x");
  EXPECT_EQ(raw_member(x, 3), R"({"n":"x","q":)" + q + "}");
  EXPECT_EQ(file.polls.at("p-x").vars_json, R"({"q":)" + q + R"(,"row":{"n":"x","q":)" + q + "}}");
  EXPECT_EQ(raw_member(file.polls.at("p-y").steps[0], 0), "[]");
}

TEST(ForEach, keeps_values_inside_the_path_that_they_are_put_into) {
  File file = good(
      "polls: {'p${each:#}': {for_each: ['a/b', 'x?y=1#z', 'ü %2e'], every: 1m, fetch: {from: a, path: "
      "'/v/${each:value}?fixed=1', query: {q: '${each:value}'}}}}");
  EXPECT_EQ(text(file.polls.at("p1").steps[0].path), "/v/a/b?fixed=1");
  EXPECT_EQ(text(file.polls.at("p2").steps[0].path), "/v/x%3Fy%3D1%23z?fixed=1");
  EXPECT_EQ(text(file.polls.at("p3").steps[0].path), "/v/%C3%BC%20%252e?fixed=1");
  EXPECT_EQ(text(file.polls.at("p2").steps[0].query[0].second), "x?y=1#z");
  for (const char* value : {"..", "../admin", "a/./b", "a/.."}) {
    EXPECT_THAT(
        refused(fmt::format("polls: {{'p${{each:#}}': {{for_each: ['{}'], every: 1m, fetch: {{from: a, path: "
                            "'/v/${{each:value}}'}}}}}}",
                            value)),
        HasSubstr("expected a value that stays inside the path"));
  }
}

TEST(ForEach, fills_in_the_environment_in_values_that_stand_in_the_file) {
  Loaded all = loaded(
      "polls: {'p${each:#}': {for_each: [{q: '${EN_QUEUE}', key: '${API_KEY}'}], every: 1m, fetch: {from: a, "
      "path: "
      "'/${each:q}', headers: {X-Key: '${each:key}'}}}}");
  const Poll& poll = all.file.polls.at("p1");
  EXPECT_EQ(text(poll.steps[0].path), "/0b5e7ad5");
  EXPECT_EQ(text(poll.steps[0].headers[0].second), "the-key-itself");
  ASSERT_EQ(all.file.secrets.size(), 1U);
  EXPECT_EQ(all.file.secrets[0].reveal(), "the-key-itself");
  EXPECT_THAT(all_texts(all.warnings), HasSubstr("a secret in `for_each`"));
}

TEST(ForEach, never_lets_a_secret_into_a_name_or_a_public_path) {
  std::string name =
      refused("polls: {'p-${each:key}': {for_each: [{key: '${API_KEY}'}], every: 1m, fetch: {from: a}}}");
  EXPECT_THAT(name, HasSubstr("where the public reads"));
  EXPECT_THAT(name, testing::Not(HasSubstr("the-key-itself")));
  EXPECT_THAT(
      refused(
          "polls: {'p${each:#}': {for_each: {k: ['${API_KEY}', b]}, every: 1m, fetch: {from: a}, publish: "
          "{path: '${each:k}.json'}}}"),
      HasSubstr("for item 1 of `k`: a secret"));
}

TEST(ForEach, tells_what_is_wrong_with_all_items_once) {
  std::string items;
  for (int i = 0; i < 1000; ++i) items += fmt::format("{}x{}", i > 0 ? ", " : "", i);
  std::string faults =
      refused(fmt::format("polls: {{'p-${{each:value}}': {{for_each: [{}], evry: 1m, every: 1, fetch: "
                          "{{from: b, path: '${{each:vlue}}'}}, "
                          "publish: {{to: nowhere, path: 'a'}}}}}}",
                          items));
  EXPECT_EQ(std::ranges::count(faults, '\n'), 5) << faults;
  EXPECT_THAT(faults, HasSubstr("polls.p-${each:value}.evry: unknown key"));
  EXPECT_THAT(faults, HasSubstr("polls.p-${each:value}.fetch.path: `${each:vlue}`"));
  EXPECT_THAT(faults, HasSubstr("did you mean `value`?"));
  EXPECT_THAT(faults, HasSubstr("no upstream `b`"));
  EXPECT_THAT(faults, HasSubstr("no store `nowhere`"));
}

TEST(ForEach, names_the_first_item_of_those_with_which_something_is_wrong) {
  EXPECT_THAT(
      refused(
          "polls: {'p${each:#}': {for_each: {l: [a], q: {file: queues.csv}}, every: 1m, fetch: {from: a}, "
          "publish: {path: '${each:q.name}/../x'}}, 'r${each:name}': {for_each: {file: queues.csv}, "
          "every: 1m, fetch: {from: a}}}"),
      HasSubstr("for item 2 (queues.csv, line 3): the name `re,s`; expected a name"));
  EXPECT_THAT(
      refused("polls: {'p${each:a.x}${each:b}': {for_each: {a: [{x: 1}, {y: 2}, {y: 3}], b: [1, 2]}, every: "
              "1m, fetch: {from: a}}}"),
      HasSubstr(
          "for item 2 of `a` and item 1 of `b`, and 3 more of 6: `${each:a.x}`; expected a variable that "
          "each item of `for_each` has; did you mean `a.y`?"));
}

TEST(ForEach, tells_once_that_many_polls_publish_where_another_one_does) {
  std::string faults = refused(
      "polls: {'p${each:#}': {for_each: [1, 2, 3, 4], every: 1m, fetch: {from: a}, publish: {path: x}}, "
      "'r${each:#}': {for_each: [1, 2, 3], every: 1m, fetch: {from: a}, publish: {path: 'x/${each:#}'}}}");
  EXPECT_EQ(std::ranges::count(faults, '\n'), 2) << faults;
  EXPECT_THAT(faults, HasSubstr("for item 2, and 2 more of 4: polls `p1` and `p2` both publish `x`"));
  EXPECT_THAT(faults, HasSubstr("a path below `x`, which poll `p1` publishes as a file"));
}

TEST(ForEach, stops_before_it_makes_too_many) {
  std::string items = "1";
  for (int i = 2; i <= 400; ++i) items += fmt::format(",{}", i);
  EXPECT_THAT(refused(fmt::format(
                  "polls: {{'p${{each:#}}': {{for_each: {{a: [{0}], b: [{0}]}}, every: 1m, fetch: {{from: "
                  "a}}}}}}",
                  items)),
              HasSubstr("160000 polls; expected at most 100000 polls"));
  std::string many = "polls: {'p${each:#}': {for_each: {";
  for (char c = 'a'; c <= 'z'; ++c) many += fmt::format("{}: [{}], ", c, items);
  EXPECT_THAT(refused(many + "zz: [1]}, every: 1m, fetch: {from: a}}}"), HasSubstr("at most 100000 polls"));
}

}  // namespace
}  // namespace pollux::config

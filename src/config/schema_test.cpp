// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "config/load.hpp"
#include "config/testdata/loading.hpp"
#include "config/yaml_source.hpp"

namespace pollux::config {
namespace {

namespace json = boost::json;
using valijson::adapters::BoostJsonAdapter;

// What an editor's YAML support makes of a file before it asks the schema.
json::value to_json(const Node& node) {
  if (node.is(Node::Kind::kMap)) {
    json::object out;
    for (const Node::Entry& entry : node.entries) out[entry.key] = to_json(*entry.value);
    return out;
  }
  if (node.is(Node::Kind::kList)) {
    json::array out;
    for (const NodePtr& item : node.items) out.push_back(to_json(*item));
    return out;
  }
  Resolved resolved = resolve(node);
  return resolved.type == Resolved::Type::kText ? json::value(json::string(node.text))
                                                : json::parse(resolved.json);
}

class SchemaOfTheFile : public testing::Test {
 protected:
  SchemaOfTheFile() : text_(json::parse(schema_json())) {
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(BoostJsonAdapter(text_), schema_);
  }

  // Empty when accepted.
  std::string refusal(const json::value& value) {
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(schema_, BoostJsonAdapter(value), &results)) return "";
    std::string out = "refused";
    for (const auto& error : results) out += ": " + error.description;
    return out;
  }

  std::string refusal_of_text(const std::string& yaml) {
    YamlDocument document = parse_yaml(yaml);
    if (!document.root) return "not YAML";
    return refusal(to_json(*document.root));
  }

  void judge_mutants(const std::string& yaml, std::size_t step);

  json::value text_;
  valijson::Schema schema_;
};

void expect_documented(const json::value& schema, const std::string& where) {
  if (schema.is_array()) {
    for (const json::value& item : schema.get_array()) expect_documented(item, where);
  }
  if (!schema.is_object()) return;
  for (const auto& [key, value] : schema.get_object()) {
    if (key == "properties" && value.is_object()) {
      for (const auto& [name, property] : value.get_object()) {
        bool is_rule = property.is_object() && property.get_object().contains("not") &&
                       property.get_object().size() == 1;
        EXPECT_TRUE(is_rule || property.get_object().contains("description")) << where << "." << name;
      }
    }
    expect_documented(value, where + "." + std::string(key));
  }
}

TEST_F(SchemaOfTheFile, has_a_sentence_for_every_key) { expect_documented(text_, ""); }

TEST_F(SchemaOfTheFile, accepts_what_load_accepts) {
  for (const std::string& yaml : testdata::good_files()) EXPECT_EQ(refusal_of_text(yaml), "") << yaml;
}

TEST_F(SchemaOfTheFile, refuses_what_load_refuses_unless_it_cannot_see_it) {
  for (const auto& broken : testdata::broken_files()) {
    bool accepted = refusal_of_text(broken.yaml).empty();
    bool by_schema = broken.seen == testdata::Seen::kBySchema;
    bool yaml_is_wrong = !parse_yaml(broken.yaml).root;
    EXPECT_TRUE(yaml_is_wrong || accepted != by_schema) << broken.yaml << broken.says;
  }
}

TEST_F(SchemaOfTheFile, accepts_all_examples) {
  namespace fs = std::filesystem;
  fs::path examples = fs::path(POLLUX_SOURCE_DIR) / "examples";
  ASSERT_TRUE(fs::exists(examples));
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(examples)) {
    bool yaml_file = entry.path().extension() == ".yaml" || entry.path().extension() == ".yml";
    if (!yaml_file) continue;
    std::ifstream in(entry.path());
    std::string yaml{std::istreambuf_iterator<char>(in), {}};
    if (yaml.find("polls:") == std::string::npos) continue;
    ++count;
    EXPECT_EQ(refusal_of_text(yaml), "") << entry.path();
    // Whatever the variables hold: it is the file's shape that is compared.
    Environment environment = process_environment();
    environment.variable = [](const std::string&) { return std::optional<std::string>("example-value"); };
    auto loaded = load(entry.path(), environment);
    if (!loaded) {
      for (const Fault& fault : loaded.error())
        EXPECT_THAT(fault.text(), testing::Not(testing::HasSubstr("unknown key")));
    }
  }
  EXPECT_GT(count, 0U);
}

// Every value of the good files in turn is replaced by odd ones, and every key is dropped or spelt wrong:
// what load still takes, the schema must take.
std::vector<json::value> mutants(const json::value& value) {
  std::vector<json::value> out;
  for (const char* odd :
       {"null",    "true",          "0",         "1",    "2.5", "-1",           "\"\"",    "\"x\"",
        "\"1m\"",  "\"${NUMBER}\"", "\"$${x}\"", "[]",   "{}",  "\"http://a\"", "[\"x\"]", "{\"from\":\"a\"}",
        "\"a/b\"", "\"/a\"",        "\"..\"",    "\"*\""}) {
    out.push_back(json::parse(odd));
  }
  if (const auto* object = value.if_object()) {
    for (const auto& [key, inner] : *object) {
      json::object without = *object;
      without.erase(key);
      out.emplace_back(without);
      without[std::string(key) + "x"] = inner;
      out.emplace_back(std::move(without));
      for (json::value& mutant : mutants(inner)) {
        json::object changed = *object;
        changed[key] = std::move(mutant);
        out.emplace_back(std::move(changed));
      }
    }
  }
  if (const auto* array = value.if_array()) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      for (json::value& mutant : mutants((*array)[i])) {
        json::array changed = *array;
        changed[i] = std::move(mutant);
        out.emplace_back(std::move(changed));
      }
    }
  }
  return out;
}

// What a schema cannot see: other places of the file, the environment, what comes out of a variable.
bool beyond_a_schema(const std::string& fault) {
  for (const char* words :
       {"${", "(hidden)", "no upstream", "no store", "no `to`", "both publish", "time zone",
        "file that can be read", "less than the period", "a path below", "a directory that holds",
        "a step that is not there", "a second time", "at that place", "and no list", "the name `",
        "beside `file`", "for a CSV file"}) {
    if (fault.find(words) != std::string::npos) return true;
  }
  return false;
}

// Under sanitizers valijson takes a dozen times as long.
#ifdef POLLUX_SANITIZED
constexpr std::size_t kThinner = 25;
#else
constexpr std::size_t kThinner = 1;
#endif

void SchemaOfTheFile::judge_mutants(const std::string& good, std::size_t step) {
  std::size_t taken = 0;
  std::size_t refused = 0;
  auto all = mutants(to_json(*parse_yaml(good).root));
  for (std::size_t i = 0; i < all.size(); i += step * kThinner) {
    std::string yaml = json::serialize(all[i]);
    auto loaded = testdata::load_text(yaml);
    std::string refusal_of_it = refusal(all[i]);
    ++(loaded ? taken : refused);
    if (loaded) {
      EXPECT_EQ(refusal_of_it, "") << yaml;
    } else if (refusal_of_it.empty()) {
      for (const Fault& fault : loaded.error())
        EXPECT_TRUE(beyond_a_schema(fault.text())) << fault.text() << yaml;
    }
  }
  EXPECT_GE(taken, kThinner == 1 ? 31U : 1U);
  EXPECT_GE(refused, kThinner == 1 ? 61U : 2U);
}

TEST_F(SchemaOfTheFile, judges_mutants_of_a_good_file_as_load_does) {
  // Each fifth: valijson compiles every pattern anew for every value, which makes all of them a matter of a
  // minute.
  judge_mutants(testdata::good_files()[2], 5);
}

TEST_F(SchemaOfTheFile, judges_mutants_of_a_file_with_for_each_as_load_does) {
  judge_mutants(testdata::good_files()[4], 11);
}

}  // namespace
}  // namespace pollux::config

// SPDX-License-Identifier: Apache-2.0
#include "poll/check/schema.hpp"

// Without it valijson answers a faulty schema with abort().
#define VALIJSON_USE_EXCEPTIONS 1

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <exception>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "base/digest.hpp"
#include "base/json_text.hpp"
#include "poll/check/schema_message.hpp"
#include "poll/check/schema_support.hpp"

namespace pollux::check {

namespace json = boost::json;

struct Schema::Compiled {
  std::string name;
  std::string digest;
  json::value source;  // for messages: what is asked at a place
  bool has_patterns = false;
  valijson::Schema schema;
};

namespace {

// std::regex recurses once or more for each character: a long foreign text would end the process.
constexpr std::size_t kLongestMatched = 4096;
// valijson lists each violation, with its whole path: in a big document of nothing but faults that is
// gigabytes.
constexpr std::size_t kLargestExplained = 1U << 20;
// Up to here a double holds every integer.
constexpr double kExact = 9007199254740992.0;

// Draft 6 and later: 1.0 is an integer. valijson asks the parser's type instead, and takes an unsigned
// integer beyond 2^63 for no number at all; so integral doubles become integers, and those become doubles.
void normalise(json::value& value) {
  if (json::object* object = value.if_object()) {
    for (auto& member : *object) normalise(member.value());
  } else if (json::array* array = value.if_array()) {
    for (auto& element : *array) normalise(element);
  } else if (const double* number = value.if_double()) {
    if (std::abs(*number) <= kExact && std::trunc(*number) == *number)
      value = static_cast<std::int64_t>(*number);
  } else if (const std::uint64_t* large = value.if_uint64()) {
    value = static_cast<double>(*large);
  }
}

bool has_text_longer_than(const json::value& value, std::size_t most) {
  if (const json::string* text = value.if_string()) return text->size() > most;
  if (const json::array* array = value.if_array()) {
    for (const auto& element : *array) {
      if (has_text_longer_than(element, most)) return true;
    }
  }
  if (const json::object* object = value.if_object()) {
    for (const auto& member : *object) {
      if (member.key().size() > most || has_text_longer_than(member.value(), most)) return true;
    }
  }
  return false;
}

Result<json::value> parse(std::string_view text) {
  if (auto whole = check_json(text); !whole) return std::unexpected(whole.error());
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::error_code code;
  json::value value = json::parse(text, code, {}, options);
  if (code) return fail(ErrorKind::kMalformed, "not JSON: " + code.message(), Retry::later());
  normalise(value);
  return value;
}

// valijson writes the way to a node as "<root>", "[call]", "[0]".
Violation violation_of(const valijson::ValidationResults::Error& error) {
  Violation out{{}, error.description};
  for (const std::string& step : error.context) {
    if (step.size() >= 2 && step.front() == '[' && step.back() == ']')
      out.path.push_back(step.substr(1, step.size() - 2));
  }
  return out;
}

std::string explain(const valijson::ValidationResults& results, const json::value& schema,
                    const json::value& document) {
  std::vector<std::string> lines;
  std::size_t echoes = 0;
  for (const auto& error : results) {
    Violation violation = violation_of(error);
    if (is_echo(violation))
      ++echoes;
    else if (lines.size() < Schema::kMaxViolations)
      lines.push_back(describe(violation, schema, document));
  }
  // Only a schema `false` speaks through nothing but its parents.
  if (lines.empty() && results.numErrors() > 0) {
    lines.push_back(describe(violation_of(*results.begin()), schema, document));
    ++echoes;
  }
  if (lines.empty()) return "the whole: not allowed";
  std::size_t more = results.numErrors() - std::min(results.numErrors(), echoes + lines.size());
  std::string tail = more > 0 ? fmt::format("; and {} more", more) : "";
  return fmt::format("{}{}", fmt::join(lines, "; "), tail);
}

}  // namespace

Result<Schema> Schema::compile(std::string_view text, std::string_view name) {
  auto bad = [&](std::string_view reason) {
    return fail(ErrorKind::kUsage, fmt::format("schema {}: {}", name, reason));
  };
  auto source = parse(text);
  if (!source) return bad(source.error().message);
  if (!source->is_object() && !source->is_bool()) return bad("a schema is an object, or true or false");
  if (auto reason = unsupported_in(*source); !reason.empty()) return bad(reason);
  try {
    auto compiled = std::make_shared<Compiled>();
    compiled->name = name;
    compiled->digest = sha256_hex(text);
    compiled->source = std::move(*source);
    compiled->has_patterns = uses_patterns(compiled->source);
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::BoostJsonAdapter(compiled->source), compiled->schema);
    // A pattern is compiled only when it is first needed; a wrong one must be found here, not in a run.
    if (auto reason = faulty_pattern_in(compiled->source); !reason.empty()) return bad(reason);
    return Schema(std::move(compiled));
  } catch (const std::exception& e) {
    return bad(e.what());
  }
}

const std::string& Schema::digest() const { return compiled_->digest; }

Result<void> Schema::validate(std::string_view text) const {
  auto document = parse(text);
  if (!document) return std::unexpected(document.error());
  auto rejected = [&](std::string_view reason) {
    return fail(ErrorKind::kRejected, fmt::format("does not fit {}: {}", compiled_->name, reason));
  };
  if (compiled_->has_patterns && has_text_longer_than(*document, kLongestMatched)) {
    return rejected(fmt::format("a text of more than {} bytes, too long to be matched against a pattern",
                                kLongestMatched));
  }
  try {
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    valijson::adapters::BoostJsonAdapter target(*document);
    if (validator.validate(compiled_->schema, target, nullptr)) return {};
    if (text.size() > kLargestExplained) return rejected("the document is too big to list what does not");
    valijson::ValidationResults results;
    validator.validate(compiled_->schema, target, &results);
    return rejected(explain(results, compiled_->source, *document));
  } catch (const std::exception& e) {
    return rejected(e.what());
  }
}

}  // namespace pollux::check

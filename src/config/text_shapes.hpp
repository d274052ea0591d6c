#pragma once
// SPDX-License-Identifier: Apache-2.0
// The shapes of single values: texts, durations, sizes, numbers, choices, addresses, paths. Each says its
// grammar twice side by side, as a parse function and as a pattern for the JSON Schema; text_shapes_test
// holds the two against each other. Everywhere a value may be written with ${...} instead: the schema then
// believes it, and the reader looks at the result.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/units.hpp"
#include "calendar/cron.hpp"
#include "config/config.hpp"
#include "config/shape.hpp"

namespace pollux::config {

ShapePtr<std::string> any_text();                 // not empty, no line break, no NUL
ShapePtr<std::string> public_text();              // the same, and never a secret
ShapePtr<Secret> secret_text();                   // not empty; in a credential's place
ShapePtr<Secret> secret_header_value();           // may be empty
ShapePtr<std::optional<Secret>> proxy_address();  // nullopt for ""
/// The same grammar for a proxy that does not stand in the file itself; nullopt after a fault.
std::optional<Secret> checked_proxy(Reader& reader, const Node& node, const std::string& address);
ShapePtr<std::string> web_address();    // http(s), no query, no user, no fragment; without trailing /
ShapePtr<std::string> token_address();  // the same, a query is fine
ShapePtr<std::filesystem::path> file_path();
ShapePtr<std::string> object_path();  // where a published object stands in its store
ShapePtr<std::string> object_prefix();
ShapePtr<std::string> bucket_name();
ShapePtr<std::string> origin();
ShapePtr<Millis> duration();
ShapePtr<Bytes> byte_count();
ShapePtr<RetryPolicy> backoff();  // "500ms..30s"
ShapePtr<calendar::CronExpression> cron();
ShapePtr<std::string> time_zone();
ShapePtr<Listen> listen_address();
/// The same grammar for what stands on the command line; nullopt: no address to listen at.
std::optional<Listen> parse_listen_address(const std::string& text);
ShapePtr<std::size_t> count(std::size_t least, std::size_t most);
ShapePtr<bool> yes_or_no();

/// One word of several.
ShapePtr<std::size_t> word_index(std::vector<std::string> words);

template <class E>
ShapePtr<E> word(std::vector<std::pair<std::string, E>> choices) {
  std::vector<std::string> words;
  for (const auto& [name, value] : choices) words.push_back(name);
  return std::make_shared<InShape<std::size_t, E>>(
      word_index(std::move(words)), [choices](E& out, std::size_t i) { out = choices[i].second; });
}

/// An upstream's or store's name; load() checks that it is there.
ShapePtr<std::string> reference_to(Reference::To to);

}  // namespace pollux::config

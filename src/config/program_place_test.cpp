// SPDX-License-Identifier: Apache-2.0
#include "config/program_place.hpp"

#include <gtest/gtest.h>

#include "config/testdata/loading.hpp"

namespace pollux::config {
namespace {

// The place of the first "HERE" in a text, as line and column in characters.
Mark place_of_here(std::string_view text) {
  Mark mark{1, 1};
  for (std::size_t i = 0; i < text.find("HERE"); ++i) {
    if (text[i] == '\n') {
      mark = {mark.line + 1, 1};
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      ++mark.column;
    }
  }
  return mark;
}

// Loads a file with the given text behind `jq:` and maps HERE in the program back to the file.
void expect_mapped(const std::string& after_jq) {
  std::string yaml =
      "upstreams: {a: {url: http://a}}\npolls:\n  p:\n    every: 1m\n    fetch: {from: a}\n    transform:\n  "
      "    jq:" +
      after_jq + "\n    jitter: 1s\n";
  auto loaded = testdata::load_text(yaml);
  ASSERT_TRUE(loaded) << yaml << loaded.error()[0].text();
  const Transform& transform = loaded->file.polls.at("p").transform;
  Mark in_program = place_of_here(transform.jq);
  EXPECT_EQ(transform.jq.str().find("HERE") != std::string::npos, true) << transform.jq.str();
  Mark mapped = place_in_file(transform, in_program.line, in_program.column);
  Mark wanted = place_of_here(yaml);
  EXPECT_EQ(mapped, wanted) << yaml << "mapped to " << mapped.line << ":" << mapped.column << ", wanted "
                            << wanted.line << ":" << wanted.column;
}

TEST(PlaceInFile, is_found_in_blocks) {
  expect_mapped(" |\n        .a\n        | .b HERE");
  expect_mapped(" |-\n        HERE");
  expect_mapped(" |\n\n\n        .a |\n          HERE");
  expect_mapped(" |2+ # a comment\n          .indented\n        | HERE\n");
  expect_mapped(" &anchor |\n        .a\n        | HERE");
  expect_mapped(" !!str |\n        .ünï | \"é\" | HERE");
}

TEST(PlaceInFile, is_found_in_folded_blocks) {
  expect_mapped(" >\n        .a\n        | .b\n        | HERE");
  expect_mapped(" >-\n        .a\n\n        | .b\n          | .c\n        | HERE");
}

TEST(PlaceInFile, is_found_in_quotes) {
  expect_mapped(" \".a | HERE\"");
  expect_mapped(" '.a | HERE'");
  expect_mapped(" '.a | \"it''s\" | HERE'");
  expect_mapped(" \".a | \\\"x\\\" | \\u00e9 HERE\"");
  expect_mapped(" \".a\\n| \\t HERE\"");
  expect_mapped(" \".a |\n        .b |\n        HERE\"");
  expect_mapped(" \".a |\\\n        HERE\"");
}

TEST(PlaceInFile, is_found_in_plain_texts) {
  expect_mapped(" .a | HERE");
  expect_mapped(" .a |\n        .b |\n          HERE");
  expect_mapped("\n        .a | HERE");
}

TEST(PlaceInFile, says_where_a_block_begins) {
  std::string yaml =
      "upstreams: {a: {url: http://a}}\npolls:\n  p:\n    every: 1m\n    fetch: {from: a}\n    transform:\n  "
      "    jq: |\n        .a\n";
  auto loaded = testdata::load_text(yaml);
  ASSERT_TRUE(loaded);
  const Transform& transform = loaded->file.polls.at("p").transform;
  EXPECT_EQ(transform.at, (Mark{7, 11}));
  EXPECT_EQ(transform.indent, 8);
  EXPECT_TRUE(transform.block);
  EXPECT_EQ(transform.jq, ".a\n");
}

TEST(Programs, keep_their_dollars) {
  std::string yaml =
      "upstreams: {a: {url: http://a}}\npolls: {p: {every: 1m, fetch: {from: a}, transform: {jq: '\"${X}\" + "
      "$vars.a'}}}";
  auto loaded = testdata::load_text(yaml);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->file.polls.at("p").transform.jq, "\"${X}\" + $vars.a");
}

}  // namespace
}  // namespace pollux::config

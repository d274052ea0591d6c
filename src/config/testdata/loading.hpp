#pragma once
// SPDX-License-Identifier: Apache-2.0
// How the tests of load() read a text, as /etc/pollux/pollux.yaml in the fake environment, and say what came
// of it.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "config/load.hpp"
#include "config/testdata/files.hpp"

namespace pollux::config::testdata {

/// The shortest upstream: what stands before polls that are the test's matter.
inline const std::string kUp = "upstreams: {a: {url: http://a}}\n";

inline std::expected<Loaded, std::vector<Fault>> load_text(const std::string& yaml) {
  return load("/etc/pollux/pollux.yaml", fake_environment(yaml));
}

/// Each fault's line.
inline std::vector<std::string> texts_of(const std::vector<Fault>& faults) {
  std::vector<std::string> out;
  for (const Fault& fault : faults) out.push_back(fault.text());
  return out;
}

/// The faults' lines as one text.
inline std::string all_texts(const std::vector<Fault>& faults) {
  std::string out;
  for (const Fault& fault : faults) out += fault.text() + "\n";
  return out;
}

/// Fails the test where the text is refused.
inline Loaded loaded(const std::string& yaml) {
  auto found = load_text(yaml);
  EXPECT_TRUE(found) << yaml << all_texts(found.error());
  return found ? std::move(*found) : Loaded{};
}

inline File good(const std::string& yaml) { return loaded(yaml).file; }

/// Fails the test where the text is taken.
inline std::vector<Fault> faults_of(const std::string& yaml) {
  auto found = load_text(yaml);
  EXPECT_FALSE(found) << yaml;
  return found ? std::vector<Fault>{} : std::move(found.error());
}

/// The member of a step's JSON body, where it is JSON as it stands.
inline std::string raw_member(const Step& step, std::size_t i) {
  const auto& object = std::get<BodyNode::Object>(std::get<BodyNode>(step.body).value);
  const auto* raw = std::get_if<BodyNode::Raw>(&object.at(i).value.value);
  return raw != nullptr ? raw->json.str() : "no raw JSON";
}

}  // namespace pollux::config::testdata

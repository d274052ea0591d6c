#pragma once
// SPDX-License-Identifier: Apache-2.0
// The table of broken files by subject, each about one part of the file; broken_files() has them all. And the
// right lines that a wrong one is put among, so that a row is about what is wrong.

#include "config/testdata/files.hpp"

namespace pollux::config::testdata {

std::vector<Broken> broken_for_each();
std::vector<Broken> broken_upstreams();
std::vector<Broken> broken_polls();
std::vector<Broken> broken_requests();

inline constexpr Seen kNotBySchema = Seen::kByReaderOnly;

// Lines that are right, to put the wrong one below them.
inline const std::string kUp = "upstreams: {a: {url: http://a}}\n";
inline const std::string kPoll = "polls: {p: {every: 1m, fetch: {from: a}}}\n";
inline const std::string kBoth = kUp + kPoll;

// One upstream with something more, in line 1 column 32.
inline std::string up(const std::string& more) {
  return "upstreams: {a: {url: http://a, " + more + "}}\n" + kPoll;
}
// A store in line 3 column 13.
inline std::string store(const std::string& text) { return kBoth + "stores: {s: " + text + "}\n"; }
// A poll in line 2 column 12.
inline std::string poll(const std::string& text) { return kUp + "polls: {p: " + text + "}\n"; }
// A poll with something more, in line 2 column 42.
inline std::string more(const std::string& text) {
  return kUp + "polls: {p: {every: 1m, fetch: {from: a}, " + text + "}}\n";
}
// A poll for each item, in line 2 column 22; `every` and more of its request behind it.
inline std::string each(const std::string& items, const std::string& every = "1m",
                        const std::string& request = "path: /", const std::string& from = "a") {
  return kUp + "polls: {\"p${each:#}\": {for_each: " + items + ", every: " + every +
         ", fetch: {from: " + from + ", " + request + "}}}\n";
}
inline std::string each_with(const std::string& items, const std::string& more) {
  return kUp + "polls: {\"p${each:#}\": {for_each: " + items + ", every: 1m, fetch: {from: a}, " + more +
         "}}\n";
}
// A fetch in line 2 column 31.
inline std::string fetch(const std::string& text) {
  return kUp + "polls: {p: {every: 1m, fetch: " + text + "}}\n";
}

}  // namespace pollux::config::testdata

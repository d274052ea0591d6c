// SPDX-License-Identifier: Apache-2.0
#include "config/testdata/broken_parts.hpp"

namespace pollux::config::testdata {
namespace {

std::vector<Broken> broken_rest() {
  return {
      // YAML itself
      {"", {1, 1}, "", "an empty file"},
      {"# nothing but a comment\n", {1, 1}, "", "an empty file"},
      {"polls: {p: [}", {1, 13}, "", "not YAML here", kNotBySchema},
      {"\tpolls: 1\n", {1, 7}, "", "not YAML here", kNotBySchema},
      {kBoth + "log: {level: info, level: debug}\n",
       {3, 20},
       "",
       "key `level` a second time; expected each key once; the first is in line 3",
       kNotBySchema},
      {kBoth + "? [a, b]\n: c\n", {3, 3}, "", "a key that is no text", kNotBySchema},
      {kBoth + "---\n" + kBoth, {4, 1}, "", "a second document", kNotBySchema},
      {kBoth + "state: !secret x\n", {3, 8}, "", "a tag", kNotBySchema},
      {"state: *nowhere\n", {1, 8}, "", "not YAML here", kNotBySchema},
      {kBoth + "state: a\x01z\n", {3, 9}, "", "a control character", kNotBySchema},
      {kBoth + "state: \xFF\n", {3, 8}, "", "a byte that is not UTF-8", kNotBySchema},
      {"[polls]\n", {1, 1}, "", "a list; expected a map with at least `upstreams` and `polls`"},
      // the top
      {kUp, {1, 1}, "", "no `polls`; expected the key `polls`"},
      {kUp + "polls:\n", {2, 1}, "polls", "nothing; expected a map with at least one poll"},
      {kUp + "polls: {}\n", {2, 8}, "polls", "an empty map"},
      {kBoth + "stors: {}\n",
       {3, 1},
       "stors",
       "unknown key; expected one of `upstreams`, `stores`, `polls`, `state`, `listen`, `log`; did you mean "
       "`stores`?"},
      {kBoth + "listen: localhost\n",
       {3, 9},
       "listen",
       "`localhost`; expected an address such as 127.0.0.1:8080"},
      {kBoth + "listen: 70000\n", {3, 9}, "listen", "`70000`; expected an address"},
      {kBoth + "listen: a:70000\n", {3, 9}, "listen", "expected an address", kNotBySchema},
      {kBoth + "log: {level: warn}\n",
       {3, 14},
       "log.level",
       "expected one of `debug`, `info`, `warning`, `error`"},
      {kBoth + "log: debug\n", {3, 6}, "log", "`debug`; expected a map with `level` or `format`"},
      {kBoth + "state: [a]\n", {3, 8}, "state", "a list; expected a path"},
      {kUp + "polls: {'a b': {every: 1m, fetch: {from: a}}}\n",
       {2, 9},
       "polls.a b",
       "a name that cannot be; expected a name that starts with a letter"},
      // stores
      {kBoth + "stores: {}\n", {3, 9}, "stores", "expected a map with at least one store"},
      {store("{}"), {3, 13}, "stores.s", "none of `directory`, `s3`; expected exactly one"},
      {store("{directory: a, s3: {bucket: abc}}"), {3, 28}, "stores.s", "`s3` beside `directory`"},
      {store("{directory: ''}"), {3, 25}, "stores.s.directory", "an empty text; expected a path"},
      {store("{s3: {}}"), {3, 18}, "stores.s.s3", "no `bucket`"},
      {store("{s3: {bucket: ab}}"), {3, 27}, "stores.s.s3.bucket", "`ab`; expected the name of a bucket"},
      {store("{s3: {bucket: abc, prefix: /a}}"),
       {3, 40},
       "stores.s.s3.prefix",
       "`/a`; expected what is put before each path"},
      {store("{s3: {bucket: abc, acl: public}}"),
       {3, 37},
       "stores.s.s3.acl",
       "expected one of `private`, `public-read`"},
      {store("{s3: {bucket: abc, gzip: yes}}"), {3, 38}, "stores.s.s3.gzip", "`yes`; expected true or false"},
      {store("{s3: {bucket: abc, addressing: host}}"),
       {3, 44},
       "stores.s.s3.addressing",
       "expected one of `auto`, `path`, `virtual_host`"},
      {store("{directory: a, cors: {origins: []}}"), {3, 44}, "stores.s.cors.origins", "an empty list"},
      {store("{directory: a, cors: {origins: [https://a/]}}"),
       {3, 45},
       "stores.s.cors.origins[0]",
       "no / at the end"},
      {store("{directory: a, cors: {origins: https://a}}"),
       {3, 44},
       "stores.s.cors.origins",
       "expected a list of origins"},
  };
}

}  // namespace

const std::vector<Broken>& broken_files() {
  static const std::vector<Broken> all = [] {
    std::vector<Broken> rows = broken_rest();
    for (auto part : {broken_for_each, broken_upstreams, broken_polls, broken_requests}) {
      for (Broken& row : part()) rows.push_back(std::move(row));
    }
    return rows;
  }();
  return all;
}

}  // namespace pollux::config::testdata

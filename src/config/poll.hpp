#pragma once
// SPDX-License-Identifier: Apache-2.0
// A poll as the file describes it: when, and the four verbs. Written by load() (load.hpp), read-only
// afterwards. No I/O.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json_slice.hpp"
#include "base/shared_text.hpp"
#include "base/units.hpp"
#include "calendar/schedule_rule.hpp"
#include "config/template.hpp"

namespace pollux::config {

enum class Method { kGet, kPost };
/// What an answer is. Auto: by its content type, JSON where that says nothing.
enum class Format { kJson, kText, kJsonLines, kCsv, kAuto };

/// A jq program, and where its lines stand in the file, however YAML folded them: see place_in_file
/// (program_place.hpp).
struct ProgramText {
  /// From this place of the program on, the file runs in step with it.
  struct Anchor {
    int line = 1;
    int column = 1;
    Mark at;
    bool operator==(const Anchor&) const = default;
  };
  SharedText jq;
  Mark at;             // where the first line of the program stands
  int indent = 0;      // columns that YAML took from each further line's front
  bool block = false;  // written as a block scalar (|, >): its first line is the line after the mark
  std::vector<Anchor> anchors;
};

/// How a step goes on to the next page. Its answer is one list: the items of all pages.
struct Pages {
  struct LinkHeader {  // RFC 8288
    std::string rel;   // "next"
  };
  struct NextUrl {
    JsonPath at;  // where the answer has the address of the next page; null or absent: none
  };
  struct CursorParameter {
    JsonPath at;     // where the answer has the next cursor; null, "" or absent: none
    std::string as;  // the query parameter that it is sent as
  };
  struct Offset {
    std::string as;      // the query parameter: 0, by, 2*by...
    std::size_t by = 0;  // 0: by as many items as the page had
  };
  struct Number {
    std::string as;  // the query parameter
    std::size_t first = 1;
  };
  /// The program sees {page, number, url, headers}; its value is null (the end), an address, or an object of
  /// query parameters for the next page.
  struct Program : ProgramText {};
  std::variant<LinkHeader, NextUrl, CursorParameter, Offset, Number, Program> next;
  JsonPath items;     // where a page has its list
  ProgramText until;  // jq on a page: true on the last one; empty: none
  std::size_t max_pages = 100;
};

struct Step {
  std::string name;      // empty for the only step of an unnamed fetch
  std::string upstream;  // key of File::upstreams
  Method method = Method::kGet;
  Template path;  // joined to the upstream's url
  TemplatePairs query;
  TemplatePairs headers;
  std::variant<std::monostate, BodyNode /*json*/, TemplatePairs /*form*/> body;
  Format expect = Format::kAuto;
  std::string charset;      // empty: as the answer says, UTF-8 where it does not
  char delimiter = ',';     // of CSV
  bool safe = false;        // a POST that may be sent twice
  bool conditional = true;  // asks with If-None-Match and If-Modified-Since where the poll can do without
  std::optional<Pages> pages;
  std::vector<std::size_t> after;  // indexes of the steps whose answers it uses
};

/// What the next run starts from: `${cursor}` in requests, $cursor in programs. The program is given what
/// transform is given, and makes the next cursor; null: it stays.
struct Cursor : ProgramText {
  std::string start = "null";  // JSON, before the first run
};

/// What is published is a list that grows by what transform makes (one row, or a list of rows) and forgets
/// the oldest.
struct Window {
  std::size_t last = 0;  // rows; 0: any number
  Millis age{0};         // by `time`; 0: any age
  JsonPath key;          // of a row: a later row with the same key takes the earlier one's place; empty: none
  JsonPath time;         // of a row: Unix seconds or RFC 3339; for `age`
};

/// An empty program: the answer passes through untouched.
struct Transform : ProgramText {
  bool round_integers = false;  // `large_integers: round`: let jq 1.6 change integers beyond 2^53
  Millis timeout = std::chrono::seconds(5);
  Bytes memory{256ULL << 20};
};

struct Check {
  std::optional<std::filesystem::path> schema;
  Mark schema_at;
  std::optional<Millis> stale_after;
};

struct Publication {
  std::string to;  // key of File::stores
  std::string path;
  std::string cache;         // Cache-Control; empty: none
  std::string content_type;  // empty: by format
};

struct Poll {
  std::string name;
  calendar::ScheduleRule schedule;
  Millis jitter{0};  // each run starts up to this much later, by chance
  std::vector<Step> steps;
  std::optional<Cursor> cursor;
  std::optional<Window> window;
  bool named_steps = false;  // the input of transform is an object of answers by name
  Transform transform;
  Check check;
  std::vector<Publication> publish;
  std::string vars_json = "{}";  // $vars
};

}  // namespace pollux::config

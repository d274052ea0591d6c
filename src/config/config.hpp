#pragma once
// SPDX-License-Identifier: Apache-2.0
// A checked pollux.yaml as plain structs: every reference resolved, every variable substituted, every
// duration a duration. Written once by load() (load.hpp), read-only and shared by everything afterwards. No
// I/O here.

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "base/units.hpp"
#include "calendar/schedule_rule.hpp"

namespace pollux::config {

/// A place in a file, both from 1; {0, 0} is "the file as a whole".
struct Mark {
  int line = 0;
  int column = 0;
  bool operator==(const Mark&) const = default;
};

/// A text with places that are filled in when a run comes to it: `${step:list.items[0].id}` is taken from an
/// earlier step's answer, `${date:yesterday}` from the run's time. Environment, file and vcap variables are
/// already in it.
struct Template {
  struct StepRef {
    std::string step;
    std::vector<std::variant<std::string, std::size_t>> path;  // keys and indexes below the step's answer
    bool operator==(const StepRef&) const = default;
  };
  struct DateRef {
    int days = 0;  // from the day of the run, in the poll's time zone: yesterday is -1
    bool operator==(const DateRef&) const = default;
  };
  using Part = std::variant<std::string, StepRef, DateRef>;
  std::vector<Part> parts;

  bool operator==(const Template&) const = default;
};

/// JSON or form body whose leaves may be templates.
struct BodyNode {
  using List = std::vector<BodyNode>;
  struct Member;
  using Object = std::vector<Member>;
  /// A raw JSON scalar (null, true, 12.50) is kept as its text.
  struct Raw {
    std::string json;
  };
  std::variant<Raw, Template, List, Object> value;
};
struct BodyNode::Member {
  std::string name;
  BodyNode value;
};

using TemplatePairs = std::vector<std::pair<std::string, Template>>;

// --- upstreams
// ---------------------------------------------------------------------------------------------------

struct KeyAuth {
  enum class In { kHeader, kQuery };
  In in = In::kHeader;
  std::string name;
  Secret value;
};
struct BasicAuth {
  std::string user;
  Secret password;
};
struct BearerAuth {
  Secret token;
};
/// OAuth 2.0 client credentials grant (RFC 6749, 4.4); the client authenticates in the form body.
struct OAuth2Auth {
  std::string token_url;
  std::string client_id;
  Secret client_secret;
  std::string scope;  // empty: not sent
};
using Auth = std::variant<std::monostate, KeyAuth, BasicAuth, BearerAuth, OAuth2Auth>;

struct Timeouts {
  Millis connect = std::chrono::seconds(5);
  Millis total = std::chrono::seconds(30);
  Millis stall = std::chrono::seconds(10);  // no byte for this long
};

struct RetryPolicy {
  std::size_t attempts = 3;  // the first one counts
  Millis backoff_from = Millis(500);
  Millis backoff_to = std::chrono::seconds(30);
};

enum class Redirects { kNone, kSameHost, kAny };

struct Upstream {
  std::string name;
  std::string url;  // http or https, no query, no trailing slash
  Auth auth;
  std::vector<std::pair<std::string, Secret>> headers;  // sent with every request
  std::size_t concurrency = 4;
  Timeouts timeouts;
  RetryPolicy retry;
  std::optional<Secret> proxy;  // http:// or https:// URL, may hold user:password
  std::optional<std::filesystem::path> ca_file;
  Redirects redirects = Redirects::kSameHost;
  Bytes max_answer{64ULL << 20};
};

// --- stores
// ------------------------------------------------------------------------------------------------------

struct DirectoryStore {
  std::filesystem::path directory;
};
struct S3Store {
  enum class Addressing { kAuto, kPath, kVirtualHost };  // auto: path-style for a custom endpoint
  std::string bucket;
  std::string region = "us-east-1";
  std::string prefix;    // put before each path; "" or ends as the user wrote it
  std::string endpoint;  // empty: Amazon's, from the region
  std::string access_key_id;
  Secret secret_access_key;
  std::optional<Secret> session_token;
  Addressing addressing = Addressing::kAuto;
  std::string acl;  // canned ACL; empty: none is sent, the bucket's policy decides
  bool gzip = true;
  std::optional<Secret> proxy;
  std::optional<std::filesystem::path> ca_file;
  Timeouts timeouts;
};
struct Store {
  std::string name;
  std::variant<DirectoryStore, S3Store> kind;
  std::vector<std::string> cors_origins;  // empty: any origin
};

// --- polls
// -------------------------------------------------------------------------------------------------------

enum class Method { kGet, kPost };
enum class Format { kJson, kText };

struct Step {
  std::string name;      // empty for the only step of an unnamed fetch
  std::string upstream;  // key of File::upstreams
  Method method = Method::kGet;
  Template path;  // joined to the upstream's url
  TemplatePairs query;
  TemplatePairs headers;
  std::variant<std::monostate, BodyNode /*json*/, TemplatePairs /*form*/> body;
  Format expect = Format::kJson;
  std::vector<std::size_t> after;  // indexes of the steps whose answers it uses
};

struct Transform {
  /// From this place of the program on, the file runs in step with it: see place_in_file (program_place.hpp).
  struct Anchor {
    int line = 1;
    int column = 1;
    Mark at;
    bool operator==(const Anchor&) const = default;
  };
  std::string jq;               // empty: the answer passes through untouched
  Mark at;                      // where the first line of the program stands
  int indent = 0;               // columns that YAML took from each further line's front
  bool block = false;           // written as a block scalar (|, >): its first line is the line after the mark
  std::vector<Anchor> anchors;  // where the program's lines stand in the file, however YAML folded them
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
  bool named_steps = false;  // the input of transform is an object of answers by name
  Transform transform;
  Check check;
  std::vector<Publication> publish;
  std::string vars_json = "{}";  // $vars
};

// --- the whole file
// ----------------------------------------------------------------------------------------------

struct Listen {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any free one
};
enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kAuto, kText, kJson };  // auto: text on a terminal, JSON lines elsewhere
struct Log {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kAuto;
};

struct File {
  std::filesystem::path path;
  std::map<std::string, Upstream> upstreams;
  std::map<std::string, Store> stores;  // never empty: "local" (./public) where none is named
  std::map<std::string, Poll> polls;
  std::filesystem::path state;  // .pollux/state.db beside the file
  Listen listen;
  Log log;
  std::vector<Secret> secrets;  // every secret value that was substituted anywhere
};

}  // namespace pollux::config

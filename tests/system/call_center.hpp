#pragma once
// SPDX-License-Identifier: Apache-2.0
// The call centre of examples/wait-times, as a test sees it: a sample-api of its own on a free port, a folder
// with copies of the example's files, and pollux, run there with the environment that a user would set.

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/http_client.hpp"
#include "tests/support/ask.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::test {

namespace json = boost::json;
using Words = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

/// Where the programs under test stand.
std::string program(const std::string& name);

#ifdef POLLUX_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

/// sample-api, from its start to the end of this object. Numbers are always the same (--fixed).
class SampleApi {
 public:
  explicit SampleApi(Words options = {});
  std::string url() const { return scheme_ + address_; }
  std::string address() const { return address_; }

  /// PUT /_fault; the rule or list of rules as sample-api takes it.
  void fault(const json::value& rules) const;
  void heal() const;
  /// GET /_fault: the names of all faults.
  Words faults() const;
  /// PUT and GET /_limits: what /limited/NAME takes, and what came.
  void limit(const json::value& limits) const;
  json::object limited() const;
  json::object stats() const;
  std::int64_t requests() const { return stats().at("total").to_number<std::int64_t>(); }

 private:
  net::HttpResponse control(const std::string& method, const std::string& path, std::string body) const;

  std::unique_ptr<Process> process_;
  std::string scheme_ = "http://";
  std::string address_;
};

/// `pollux run`, from the line that says where its console is to the end of this object.
class Daemon {
 public:
  explicit Daemon(Process::Options options);
  /// "http://127.0.0.1:PORT"; empty if it did not start.
  const std::string& url() const { return url_; }
  Process& process() { return *process_; }
  net::HttpResponse get(const std::string& path, net::Headers headers = {}) const;

 private:
  std::unique_ptr<Process> process_;
  std::string url_;
};

/// The JSON lines of a log; a line that is no JSON object fails the test. What stands behind the last line
/// break is left out: it may still be being written.
std::vector<json::object> log_lines(const std::string& out);
/// Those of them that say how a run ended, of one poll or of all.
std::vector<json::object> run_events(const std::string& out, const std::string& poll = "");
/// The only one; an empty object (and a failed test) if there is not exactly one.
json::object run_event(const std::string& out, const std::string& poll = "");

std::string text_of(const json::object& object, std::string_view key);
/// The value of a JSON text; null (and a failed test) if it is none.
json::value parsed(const std::string& text);

class CallCenter : public ::testing::Test {
 protected:
  static constexpr const char* kObject = "public/1.0/waittime.json";
  static constexpr const char* kStatus = "public/_status.json";

  /// A copy of the example, with the quick retries of quick().
  void SetUp() override;

  /// pollux.yaml in the test's folder, in place of the example's.
  void write(const std::string& yaml) { dir_.write("pollux.yaml", yaml); }
  /// A text of pollux.yaml in place of another, which must be there.
  void replace(const std::string& what, const std::string& with);

  Process::Options options(Words words) const;
  Finished pollux(Words words) const;
  Finished once(Words words = {}) const;
  std::unique_ptr<Daemon> run(Words words = {}) const;

  std::string object() const { return read_text(dir_ / kObject); }
  /// What _status.json says of a poll.
  json::object status(const std::string& poll = "wait-times") const;

  SampleApi api_;
  TempDir dir_;
  Variables variables_;
};

}  // namespace pollux::test

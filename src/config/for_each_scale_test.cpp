// SPDX-License-Identifier: Apache-2.0
// `for_each` at the size of a real deployment, and what it keeps in memory there.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "config/testdata/loading.hpp"

namespace pollux::config {
namespace {

// The size of a real one: 102 agencies, 137 reports.
constexpr std::size_t kAgencies = 102;
constexpr std::size_t kReports = 137;
constexpr const char* kManyPolls = R"(upstreams: {ga: {url: "http://a"}}
polls:
  p${each:agency.analyticsReportIds}-${each:report.name}-${each:report#}:
    for_each:
      agency: {file: agencies.json}
      report: {file: reports.json, at: .reports}
    every: 1d
    fetch:
      from: ga
      path: /v1beta/properties/${each:agency.analyticsReportIds}/runReport
      json: {name: "${each:report.name}", query: "${each:report.query}"}
    transform:
      jq: |
        {name: $vars.report.name, rows: [.rows[] | {n: .metricValues[0].value}]} PADDING
    publish: {path: "${each:agency.awsBucketPath}/${each:report.name}-${each:report#}.json"}
)";

std::string many_polls() {
  std::string yaml = kManyPolls;
  return yaml.replace(yaml.find("PADDING"), 7, "# " + std::string(1000, 'x'));
}

Environment environment_with(std::string agencies, std::string reports) {
  Environment out;
  out.variable = [](const std::string&) { return std::nullopt; };
  out.read = [=](const std::filesystem::path& path) -> Result<std::string> {
    if (path.filename() == "agencies.json") return agencies;
    if (path.filename() == "reports.json") return reports;
    if (path.filename() == "pollux.yaml") return many_polls();
    return fail(ErrorKind::kUsage, "not there");
  };
  return out;
}

void expect_all_of_them(const File& file, const std::string& poll) {
  ASSERT_EQ(file.polls.size(), kAgencies * kReports);
  const Poll& last = file.polls.at(poll);
  const Poll& first = file.polls.begin()->second;
  EXPECT_TRUE(last.transform.jq.shares(first.transform.jq));
  EXPECT_THAT(testdata::raw_member(last.steps[0], 1), testing::StartsWith(R"({"dimensions":[{"name":)"));
  EXPECT_EQ(last.transform.anchors, first.transform.anchors);
}

TEST(ForEach, makes_13974_polls_of_two_files_in_little_memory) {
  std::string agencies = "[";
  for (std::size_t i = 0; i < kAgencies; ++i) {
    agencies += fmt::format(
        R"({}{{"analyticsReportIds":"{}","agencyName":"agency-{}","awsBucketPath":"data/agency-{}"}})",
        i > 0 ? "," : "", 395450000 + i, i, i);
  }
  std::string reports = "{\"reports\":[";
  for (std::size_t i = 0; i < kReports; ++i) {
    reports += fmt::format(
        R"({}{{"name":"report-{}","frequency":"daily","query":{{"dimensions":[{{"name":"yearMonth"}}],"filter":"{}"}},"meta":{{"name":"Report {}","description":"{}"}}}})",
        i > 0 ? "," : "", i, std::string(400, 'f'), i, std::string(100, 'd'));
  }
#if defined(__GLIBC__)
  std::size_t before = mallinfo2().uordblks;
#endif
  auto found = load("/etc/pollux/pollux.yaml", environment_with(agencies + "]", reports + "]}"));
  ASSERT_TRUE(found) << testdata::all_texts(found.error());
  expect_all_of_them(found->file, "p395450101-report-136-137");
#if defined(__GLIBC__)
  // What stays; under a sanitizer, whose allocator is another one, this is nothing.
  std::size_t kept = mallinfo2().uordblks - before;
  EXPECT_LT(kept, 80U << 20);
#endif
}

TEST(ForEach, takes_the_files_of_a_real_analytics_reporter) {
  std::filesystem::path files = std::filesystem::path(POLLUX_SOURCE_DIR) / "../shared/reference/analytics";
  if (!std::filesystem::exists(files / "usa.json"))
    GTEST_SKIP() << "the reporter's files are not beside the source";
  auto bytes = [&](const char* name) {
    std::ifstream in(files / name);
    return std::string{std::istreambuf_iterator<char>(in), {}};
  };
  auto found = load("/etc/pollux/pollux.yaml", environment_with(bytes("agencies.json"), bytes("usa.json")));
  ASSERT_TRUE(found) << testdata::all_texts(found.error());
  expect_all_of_them(found->file, "p395461442-screen-resolution-4");
}

}  // namespace
}  // namespace pollux::config

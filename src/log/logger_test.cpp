// SPDX-License-Identifier: Apache-2.0
#include "log/logger.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <vector>

namespace pollux::log {
namespace {

struct Lines {
  std::vector<std::string> lines;
  Logger::Sink sink() {
    return [this](Level, std::string_view line) { lines.emplace_back(line); };
  }
};

TEST(Logger, writes_one_json_object_for_each_event) {
  Redactor redactor;
  Lines out;
  Logger logger(Level::kInfo, Logger::Format::kJson, redactor, out.sink());
  logger.info("run", "wait-times: \"published\"\n",
              {{"poll", std::string("wait-times")}, {"bytes", std::int64_t(412)}, {"ok", true}});
  ASSERT_EQ(out.lines.size(), 1U);
  auto line = boost::json::parse(out.lines[0]).as_object();
  EXPECT_EQ(line.at("event"), "run");
  EXPECT_EQ(line.at("level"), "info");
  EXPECT_EQ(line.at("message"), "wait-times: \"published\"\n");
  EXPECT_EQ(line.at("bytes"), 412);
  EXPECT_EQ(line.at("ok"), true);
  EXPECT_EQ(out.lines[0].find('\n'), std::string::npos);
}

TEST(Logger, hides_a_secret_wherever_it_stands) {
  Redactor redactor;
  redactor.hide(Secret("s3cr\"t-value"));
  Lines out;
  for (auto format : {Logger::Format::kJson, Logger::Format::kText}) {
    Logger logger(Level::kDebug, format, redactor, out.sink());
    logger.debug("answer", "body: s3cr\"t-value", {{"url", std::string("https://x/?k=s3cr%22t-value")}});
  }
  for (const auto& line : out.lines) {
    EXPECT_EQ(line.find("t-value"), std::string::npos) << line;
    EXPECT_NE(line.find("***"), std::string::npos) << line;
  }
}

TEST(Logger, leaves_out_what_is_below_its_level) {
  Redactor redactor;
  Lines out;
  Logger logger(Level::kWarning, Logger::Format::kText, redactor, out.sink());
  logger.info("run", "not this");
  logger.warning("run", "this");
  ASSERT_EQ(out.lines.size(), 1U);
  EXPECT_NE(out.lines[0].find("this"), std::string::npos);
}

TEST(Logger, keeps_foreign_text_from_writing_lines_of_its_own) {
  Redactor redactor;
  Lines out;
  Logger logger(Level::kInfo, Logger::Format::kText, redactor, out.sink());
  logger.info("run", "bad\n10:00:00 info all is well\x1b[2J");
  EXPECT_EQ(out.lines[0].find('\n'), std::string::npos);
  EXPECT_EQ(out.lines[0].find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace pollux::log

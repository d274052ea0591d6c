// SPDX-License-Identifier: Apache-2.0
// Answers in every format and character set: what comes out as lines or a table is JSON, or there is a
// sentence why not. The first byte chooses.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/charset.hpp"
#include "base/json_text.hpp"
#include "poll/fetch/formats.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr const char* kTypes[] = {"application/x-ndjson",         "text/csv",
                                    "text/csv; charset=iso-8859-1", "application/json; charset=utf-16",
                                    "text/csv; charset=shift_jis",  "application/jsonl; charset=\"euc-kr\"",
                                    "application/json;charset=x",   "text/csv; charset=gb18030"};
  if (size == 0) return 0;
  const std::string type = kTypes[data[0] % 8];
  pollux::config::Step step;
  std::string body(reinterpret_cast<const char*>(data + 1), size - 1);
  constexpr pollux::Bytes kMost{4096};
  auto json = pollux::fetch::as_json(step, body, type, kMost);
  if (!json) {
    if (json.error().message.empty() || !pollux::to_utf8(json.error().message, "utf-8")) std::abort();
    return 0;
  }
  const auto format = pollux::fetch::format_of(step.expect, type);
  if (format == pollux::config::Format::kCsv && json->size() > kMost.count) std::abort();
  const bool is_json = format == pollux::config::Format::kJson;
  // Lines nest within a list: one level more than the check allows.
  auto good = pollux::check_json(*json);
  if (!is_json && !good && good.error().message.find("nested") == std::string::npos) std::abort();
  return 0;
}

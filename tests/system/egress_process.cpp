// SPDX-License-Identifier: Apache-2.0
#include "tests/system/egress_process.hpp"

#include <utility>

namespace pollux::test {

EgressProcess::EgressProcess(Process::Options options)
    : process_(std::make_unique<Process>(std::move(options))) {
  const std::string words = "\"egress\":\"";
  if (!process_->wait_for_output(words)) {
    ADD_FAILURE() << "pollux egress did not start: " << process_->out() << process_->err();
    return;
  }
  const std::string out = process_->out();
  const auto from = out.find(words) + words.size();
  address_ = out.substr(from, out.find('"', from) - from);
}

std::vector<std::string> EgressProcess::decisions(std::size_t least) const {
  std::vector<std::string> out;
  eventually(
      [&] {
        out.clear();
        for (const json::object& line : log_lines(process_->out())) {
          if (text_of(line, "event") != "egress") continue;
          const std::string decision = text_of(line, "decision");
          out.push_back(decision + " " + text_of(line, "target") + " " +
                        text_of(line, decision == "allow" ? "rule_at" : "reason"));
        }
        return out.size() >= least;
      },
      std::chrono::seconds(10));
  return out;
}

}  // namespace pollux::test

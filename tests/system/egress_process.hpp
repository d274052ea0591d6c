#pragma once
// SPDX-License-Identifier: Apache-2.0
// `pollux egress` as an operator runs it: a file, its lists beside it, a process.

#include "tests/system/call_center.hpp"

namespace pollux::test {

class EgressProcess {
 public:
  /// Starts it and waits until it listens. `words`: behind `pollux egress`.
  explicit EgressProcess(Process::Options options) : process_(std::move(options)) {
    const std::string words = "\"egress\":\"";
    if (!process_.wait_for_output(words)) {
      ADD_FAILURE() << "pollux egress did not start: " << process_.out() << process_.err();
      return;
    }
    const std::string out = process_.out();
    const auto from = out.find(words) + words.size();
    const std::string place = out.substr(from, out.find('"', from) - from);
    port_ = place.substr(place.rfind(':') + 1);
  }

  const std::string& port() const { return port_; }
  Process& process() { return process_; }
  /// All that it has said so far.
  std::string said() const { return process_.out() + process_.err(); }

 private:
  Process process_;
  std::string port_;
};

}  // namespace pollux::test

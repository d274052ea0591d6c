#pragma once
// SPDX-License-Identifier: Apache-2.0
// `pollux egress`, from the line that says where it is to the end of this object. Blocking; one thread.

#include <memory>
#include <string>
#include <vector>

#include "tests/system/call_center.hpp"

namespace pollux::test {

class EgressProcess {
 public:
  /// `options` of `pollux egress ...`, as CallCenter::options() makes them; a proxy that does not start fails
  /// the test.
  explicit EgressProcess(Process::Options options);

  /// "127.0.0.1:PORT"
  const std::string& address() const { return address_; }
  std::string port() const { return address_.substr(address_.rfind(':') + 1); }
  Process& process() { return *process_; }
  /// All that it has said so far.
  std::string said() const { return process_->out() + process_->err(); }
  /// "allow api.example:443 pollux.yaml: upstream api" or "deny other.example:443 not_allowed" for each
  /// decision, in order; waits for at least `least`.
  std::vector<std::string> decisions(std::size_t least) const;

 private:
  std::unique_ptr<Process> process_;
  std::string address_;
};

}  // namespace pollux::test

#pragma once
// SPDX-License-Identifier: Apache-2.0
// A forward proxy that writes down what it was asked for: CONNECT for https, absolute-form requests for http
// (RFC 9112, 3.2.2). It serves a connection for one request and has a thread of its own; ended by its
// destructor. For tests of "no byte leaves by another way"; the real one is `pollux egress`.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pollux::test {

class RecordingProxy {
 public:
  /// With `credentials` ("user:password"), whoever does not send them gets 407. `names` are those that only
  /// the proxy knows, with the addresses that they stand for.
  explicit RecordingProxy(std::string credentials = "", std::map<std::string, std::string> names = {});
  ~RecordingProxy();
  RecordingProxy(const RecordingProxy&) = delete;
  RecordingProxy& operator=(const RecordingProxy&) = delete;

  std::uint16_t port() const;

  /// "GET http://127.0.0.1:9000/a" or "CONNECT 127.0.0.1:9000", in the order in which they came.
  std::vector<std::string> requests() const;

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace pollux::test

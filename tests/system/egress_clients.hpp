#pragma once
// SPDX-License-Identifier: Apache-2.0
// HTTP clients that people use behind a proxy, each as a small program: given PROXY_HOST, PROXY_PORT,
// PROXY_USER, PROXY_PASSWORD and CA (a file) in its environment and a URL, it prints the status and content
// type (that of the CONNECT, if there was no tunnel), a line end, and what it got of the body.

#include <ostream>
#include <string>
#include <vector>

namespace pollux::test {

struct ProxyUser {
  std::string name;
  std::string program;           // that must be installed
  std::vector<std::string> run;  // to which the URL is added

  friend std::ostream& operator<<(std::ostream& out, const ProxyUser& user) { return out << user.name; }
};

/// curl, Python's urllib and http.client, Node.
std::vector<ProxyUser> proxy_users();

}  // namespace pollux::test

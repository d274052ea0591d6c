// SPDX-License-Identifier: Apache-2.0
#include "tests/support/nginx.hpp"

#include <fmt/format.h>

#include <sstream>
#include <stdexcept>

namespace pollux::test {
namespace {

// Where it is root it would give its folders to another user, whom a user namespace may not have.
constexpr std::string_view kConfig = R"(daemon off;
user root;
master_process off;
pid {dir}/nginx.pid;
error_log {dir}/error.log info;
events {{ worker_connections 256; }}
http {{
  log_format seen '$server_protocol|$ssl_protocol|$ssl_client_s_dn|$connection|$status|$request_uri';
  access_log {dir}/access.log seen;
  client_body_temp_path {dir}/body;
  proxy_temp_path {dir}/proxy;
  fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi;
  scgi_temp_path {dir}/scgi;
  server {{
    listen 127.0.0.1:{port} {listen};
    server_name localhost;
    {tls}
    {in_server}
  }}
}}
)";

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream words(line);
  for (std::string word; std::getline(words, word, '|');) out.push_back(word);
  return out;
}

}  // namespace

Nginx::Nginx(Options options) {
  // Another process may take the port between the question for a free one and nginx.
  for (int attempt = 0; attempt < 3; ++attempt) {
    port_ = free_port();
    write_files(options);
    auto program = find_program("nginx").value_or("nginx");
    process_ = std::make_unique<Process>(
        Process::Options{{program.string(), "-p", dir_.path().string(), "-c", (dir_ / "nginx.conf").string()},
                         {},
                         dir_.path()});
    eventually([&] { return listening(port_) || !process_->running(); });
    if (process_->running()) return;
  }
  throw std::runtime_error("nginx did not start: " + process_->err() + read_text(dir_ / "error.log"));
}

void Nginx::write_files(const Options& options) const {
  for (const auto& [name, text] : options.files) dir_.write(name, text);
  std::string tls;
  if (!options.server.certificate.empty()) {
    dir_.write("server.pem", options.server.certificate);
    dir_.write("server.key", options.server.key);
    tls = "ssl_certificate server.pem; ssl_certificate_key server.key;";
  }
  dir_.write("nginx.conf", fmt::format(kConfig, fmt::arg("dir", dir_.path().string()),
                                       fmt::arg("port", port_), fmt::arg("listen", options.listen),
                                       fmt::arg("tls", tls), fmt::arg("in_server", options.in_server)));
}

std::vector<Nginx::Seen> Nginx::seen(std::size_t least) const {
  std::vector<Seen> out;
  eventually(
      [&] {
        out.clear();
        std::istringstream lines(read_text(dir_ / "access.log"));
        for (std::string line; std::getline(lines, line);) {
          auto words = split(line);
          if (words.size() == 6) out.push_back({words[0], words[1], words[2], words[3], words[4], words[5]});
        }
        return out.size() >= least;
      },
      std::chrono::seconds(10));
  return out;
}

}  // namespace pollux::test

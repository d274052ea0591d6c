// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/page.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace pollux::sample_api {
namespace {

using net::ServerResponse;

/// "" for what is not served.
std::string type_of(const std::filesystem::path& file) {
  static const std::map<std::string, std::string> types = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
  };
  auto found = types.find(file.extension().string());
  return found == types.end() ? "" : found->second;
}

bool plain_name(std::string_view name) {
  auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; };
  return !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), plain);
}

}  // namespace

ServerResponse page_file(const Options& options, const net::ServerRequest& request) {
  const ServerResponse missing{404, {{"Content-Type", "text/plain"}}, "no such page\n", {}};
  if (options.page.empty() || !request.path.starts_with("/page/")) return missing;
  std::string name = request.path.substr(6);
  if (name.empty()) name = "index.html";
  auto file = std::filesystem::path(options.page) / name;
  std::string type = type_of(file);
  if (!plain_name(name) || type.empty()) return missing;
  std::ifstream in(file, std::ios::binary);
  if (!in) return missing;
  std::ostringstream body;
  body << in.rdbuf();
  std::string policy =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' " +
      options.data_origins + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  return {200,
          {{"Content-Type", type},
           {"Content-Security-Policy", policy},
           {"X-Content-Type-Options", "nosniff"},
           {"Referrer-Policy", "no-referrer"},
           {"Cache-Control", "no-cache"}},
          body.str(),
          {}};
}

}  // namespace pollux::sample_api

// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/clients.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/digest.hpp"
#include "base/encoding.hpp"

namespace pollux::egress {
namespace {

struct Credentials {
  std::string user;
  std::string password;
};

std::optional<Credentials> basic(std::string_view header) {
  constexpr std::string_view kScheme = "basic ";
  if (header.size() < kScheme.size() || !ascii_iequals(header.substr(0, kScheme.size()), kScheme))
    return std::nullopt;
  header.remove_prefix(kScheme.size());
  const auto begin = header.find_first_not_of(' ');
  if (begin == std::string_view::npos) return std::nullopt;
  const auto text = base64_decode(header.substr(begin, header.find_last_not_of(' ') - begin + 1));
  if (!text) return std::nullopt;
  const auto colon = text->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{text->substr(0, colon), text->substr(colon + 1)};
}

// Digests have one length, so that not even that of the password is told.
bool same(const std::string& shown, const Secret& password) {
  const std::string a = sha256_hex(shown);
  const std::string b = sha256_hex(password.reveal());
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

Clients::Clients(std::vector<ProxyClient> clients) : clients_(std::move(clients)) {
  for (const ProxyClient& client : clients_) {
    if (!client.user.empty()) {
      by_user_.emplace(client.user, &client);
    } else if (client.certificate.empty()) {
      anybody_ = &client;
    }
  }
}

const ProxyClient* Clients::find(std::string_view header, const std::vector<std::string>& names) const {
  auto said = [&](const ProxyClient& client) {
    return std::ranges::find(names, client.certificate) != names.end();
  };
  if (header.empty()) {
    auto known = [&](const ProxyClient& client) { return client.user.empty() && said(client); };
    const auto client = std::ranges::find_if(clients_, known);
    return client == clients_.end() ? anybody_ : &*client;
  }
  const auto shown = basic(header);
  if (!shown) return nullptr;
  const auto client = by_user_.find(shown->user);
  static const Secret kNobody("no password at all");
  const bool good = same(shown->password, client == by_user_.end() ? kNobody : client->second->password);
  if (!good || client == by_user_.end()) return nullptr;
  const bool enough = client->second->certificate.empty() || said(*client->second);
  return enough ? client->second : nullptr;
}

}  // namespace pollux::egress

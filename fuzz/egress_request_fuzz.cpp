// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a client of the egress proxy sends. A head is found at the same place however much of it
// has come, and taken twice is the same twice. A head that is taken reads the same to a reader that is
// written anew here and knows nothing but lines and colons: one Host, one length, no name that another
// program could take for another. What goes on to the server holds nothing that was meant for the proxy, and
// is itself a good head. And nobody is let in but by his password.
#include <algorithm>
#include <boost/beast/http/write.hpp>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <vector>

#include "base/ascii.hpp"
#include "egress/policy/target.hpp"
#include "egress/proxy/clients.hpp"
#include "egress/proxy/forward_fields.hpp"
#include "egress/proxy/request_head.hpp"

namespace {

using namespace pollux;
using namespace pollux::egress;
namespace http = boost::beast::http;

constexpr HeadLimits kLimits{.line = 256, .field = 256, .fields = 20, .all = 1024};

void must(bool holds) {
  if (!holds) std::abort();
}

struct Field {
  std::string name;  // in lower case
  std::string value;
};

std::vector<Field> fields_of(std::string_view head) {
  std::vector<Field> out;
  if (head.starts_with("\r\n")) head.remove_prefix(2);
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.starts_with("\r\n")) {
    const auto end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    const auto colon = line.find(':');
    must(colon != 0 && colon != line.npos);
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    out.push_back({ascii_lower(line.substr(0, colon)), std::string(value)});
  }
  must(head == "\r\n");
  return out;
}

std::size_t count(const std::vector<Field>& fields, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count(fields, name, &Field::name));
}

void check_same(const std::vector<Field>& fields, const http::request_header<>& request) {
  must(fields.size() == static_cast<std::size_t>(std::distance(request.begin(), request.end())));
  for (const Field& field : fields) {
    must(field.name.find_first_of(" \t\r\n(),/:;<=>?@[\\]{}\"") == std::string::npos);
    must(request.count(field.name) == count(fields, field.name));
    if (request.count(field.name) == 1) must(request[field.name] == field.value);
  }
}

void check_framing(const std::vector<Field>& fields, const RequestParser& parser) {
  const auto& request = parser.get();
  const std::size_t hosts = count(fields, "host");
  const std::size_t lengths = count(fields, "content-length");
  const std::size_t codings = count(fields, "transfer-encoding");
  must(hosts <= 1 && lengths + codings <= 1);
  if (request.version() == 11) must(hosts == 1);
  must(parser.chunked() == (codings == 1));
  must(parser.content_length().has_value() == (lengths == 1));
  if (request.method() == http::verb::connect)
    must(!parser.chunked() && parser.content_length().value_or(0) == 0);
  for (const Field& field : fields) {
    if (field.name != "content-length") continue;
    must(!field.value.empty() && field.value.find_first_not_of("0123456789") == std::string::npos);
    const std::string plain =
        field.value.substr(std::min(field.value.find_first_not_of('0'), field.value.size() - 1));
    must(std::to_string(*parser.content_length()) == plain);
  }
}

// As forward.cpp sends it, less what that sets: the target and Host of the URL that was judged.
void check_sent_on(RequestParser& parser, const HttpTarget& target) {
  must(target.origin_form.starts_with('/'));
  must(std::ranges::all_of(target.origin_form, [](unsigned char c) { return c > 0x20 && c < 0x7F; }));
  auto& request = parser.get();
  const std::size_t lengths = request.count(http::field::content_length);
  const std::size_t codings = request.count(http::field::transfer_encoding);
  drop_hop_by_hop(request);
  for (const char* gone :
       {"Connection", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Upgrade"})
    must(request.count(gone) == 0);
  must(request.count(http::field::content_length) == lengths);
  must(request.count(http::field::transfer_encoding) == codings);
  add_via(request, request.version());
  request.version(11);
  request.target(target.origin_form);
  request.set(http::field::host, target.target.authority());
  std::ostringstream out;
  out << request.base();
  const std::string head = std::move(out).str();
  const HeadLimits wide{.line = 4096, .field = 4096, .fields = 100, .all = 16 * 1024};
  const auto end = find_head(head, wide);
  must(end && *end == head.size());
  RequestParser again;
  must(take_head(head, again, wide).has_value());
  must(again.get().target() == target.origin_form && again.get().count(http::field::host) == 1);
}

std::vector<ProxyClient> two_clients() {
  std::vector<ProxyClient> all(2);
  all[0].policy.name = "anybody";
  all[1].policy.name = all[1].user = "poll";
  all[1].password = Secret("pass");
  return all;
}

void check_clients(const std::string& header) {
  static const Clients kClients(two_clients());
  const ProxyClient* found = kClients.find(header);
  if (header.empty()) must(found != nullptr && found->user.empty());
  if (header.empty() || found == nullptr) return;
  must(found->user == "poll");
  must(ascii_lower(header.substr(0, 6)) == "basic ");
  std::string shown = header.substr(6);
  std::erase_if(shown, [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
  must(shown == "cG9sbDpwYXNz");
}

void check_found(std::string_view bytes, std::size_t end) {
  must(end <= bytes.size() && bytes.substr(0, end).ends_with("\r\n\r\n"));
  for (std::size_t less : {std::size_t{1}, std::size_t{2}, std::size_t{3}, end / 2, end}) {
    const auto before = find_head(bytes.substr(0, end - std::min(less, end)), kLimits);
    must(before && !*before);
  }
  const auto exact = find_head(bytes.substr(0, end), kLimits);
  must(exact && *exact == end);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_clients(std::string(bytes.substr(0, 200)));
  const auto end = find_head(bytes, kLimits);
  if (!end || !*end) {
    if (!end) must(!end.error().reason.empty() && end.error().status == 431);
    return 0;
  }
  check_found(bytes, **end);
  const std::string_view head = bytes.substr(0, **end);
  RequestParser parser;
  RequestParser second;
  const auto taken = take_head(head, parser, kLimits);
  const auto again = take_head(head, second, kLimits);
  must(taken.has_value() == again.has_value());
  if (!taken) {
    must(taken.error().reason == again.error().reason && taken.error().status >= 400);
    must(std::ranges::none_of(taken.error().reason, [](unsigned char c) { return c < 0x20 || c >= 0x7F; }));
    return 0;
  }
  const std::vector<Field> fields = fields_of(head);
  check_same(fields, parser.get());
  check_framing(fields, parser);
  check_clients(std::string(parser.get()[http::field::proxy_authorization]));
  const std::string target(parser.get().target());
  if (parser.get().method() == http::verb::connect) {
    if (const auto asked = parse_authority(target)) must(parse_authority(asked->authority()) == *asked);
  } else if (const auto asked = parse_http_url(target)) {
    check_sent_on(parser, *asked);
  }
  return 0;
}

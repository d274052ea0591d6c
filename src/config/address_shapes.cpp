// SPDX-License-Identifier: Apache-2.0
// Addresses of the web, of the daemon's own server, and of objects in a store.
#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

#include "base/encoding.hpp"
#include "config/text_rule.hpp"
#include "config/text_shapes.hpp"

namespace pollux::config {
namespace {

constexpr std::string_view kHostAndPort = R"re((?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]+)(?::[0-9]{1,5})?)re";
constexpr std::string_view kScheme = "[hH][tT][tT][pP][sS]?://";
constexpr std::string_view kUrlPath = R"re((?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?)re";
constexpr std::string_view kUrlQuery = R"re((?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?)re";
constexpr std::string_view kUser = R"re((?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?)re";

template <class... Parts>
std::string whole(const Parts&... parts) {
  std::string out = "^(?:";
  (out.append(parts), ...);
  return out + ")$";
}

std::optional<std::uint16_t> port_of(std::string_view digits) {
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || digits.size() > 5 || error != std::errc() || end != digits.data() + digits.size())
    return std::nullopt;
  return port;
}

bool host_name(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '_' || c == '~' || c == '-';
  });
}

enum class Allow { kPath, kPathAndQuery, kUserOnly, kNothing };

// RFC 3986 by Boost.URL; what is allowed on top of scheme, host and port is the caller's. The reason never
// quotes the text.
Parsed<std::string> parse_web(const std::string& text, Allow allow) {
  auto url = boost::urls::parse_uri(text);
  if (!url) return std::unexpected("");
  bool http = url->scheme_id() == boost::urls::scheme::http || url->scheme_id() == boost::urls::scheme::https;
  bool proxy = allow == Allow::kUserOnly;
  if (proxy && url->scheme() == "socks5")
    return std::unexpected("socks5:// looks up names here; socks5h:// leaves that to the proxy");
  if (proxy && !http && url->scheme() != "socks5h")
    return std::unexpected("the scheme must be http, https or socks5h");
  if (!proxy && !http) return std::unexpected("the scheme must be http or https");
  if (url->has_userinfo() && allow != Allow::kUserOnly) return std::unexpected("no user or password in it");
  if (url->has_query() && allow != Allow::kPathAndQuery) return std::unexpected("no query (?) in it");
  if (url->has_fragment()) return std::unexpected("no fragment (#) in it");
  bool literal = url->host_type() == boost::urls::host_type::ipv6;
  if (!literal && !host_name(url->encoded_host())) return std::unexpected("a host after ://");
  if (url->has_port() && !port_of(url->port())) return std::unexpected("a port from 0 to 65535");
  // RFC 3986, 3.3: after a host the path begins with /. Boost.URL 1.81 takes "http://a:8x" for port 8 and
  // path "x".
  if (!url->encoded_path().empty() && !url->encoded_path().starts_with('/')) return std::unexpected("");
  bool has_path = !url->encoded_path().empty() && url->encoded_path() != "/";
  if (has_path && (allow == Allow::kUserOnly || allow == Allow::kNothing))
    return std::unexpected("no path in it");
  std::string out = text;
  while (allow != Allow::kPathAndQuery && out.ends_with('/')) out.pop_back();
  return out;
}

Parsed<Listen> parse_listen(const std::string& text) {
  std::size_t colon = text.rfind(':');
  bool alone = colon == std::string::npos;
  auto port = port_of(alone ? text : std::string_view(text).substr(colon + 1));
  if (!port) return std::unexpected("");
  Listen out;
  out.port = *port;
  std::string host = alone ? "" : text.substr(0, colon);
  if (host.empty()) return out;  // never by accident on all interfaces: 0.0.0.0 and [::] say so
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (host.empty() || host.find_first_not_of("0123456789ABCDEFabcdef:.") != std::string::npos)
      return std::unexpected("");
  } else if (!host_name(host) || host.find('~') != std::string::npos) {
    return std::unexpected("");
  }
  out.host = host;
  return out;
}

constexpr std::size_t kLongestPath = 900;  // S3 allows 1024 bytes, prefix included

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Segments between slashes: none empty, none of dots alone, no control character.
bool good_segments(std::string_view path) {
  while (true) {
    std::string_view segment = path.substr(0, path.find('/'));
    bool control = std::ranges::any_of(segment, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    if (segment.empty() || segment == "." || segment == ".." || control) return false;
    if (segment.size() == path.size()) return true;
    path.remove_prefix(segment.size() + 1);
  }
}

constexpr std::string_view kSegments =
    R"re((?!(?:.*/)?\.{1,2}(?:/|$))[^/\x00-\x1f\x7f]+(?:/[^/\x00-\x1f\x7f]+)*)re";

constexpr std::string_view kProxyScheme = "(?:[hH][tT][tT][pP][sS]?|socks5h)://";
constexpr std::string_view kProxyExpected =
    "the address of a proxy such as https://user:password@proxy.example:3128, or nothing";

Parsed<std::string> parse_proxy(const std::string& text) {
  return text.empty() ? Parsed<std::string>(text) : parse_web(text, Allow::kUserOnly);
}

// The parts by themselves too: they appear apart from the address in a Proxy-Authorization header and in
// libcurl's messages. An address without a user is no secret: who looks for a fault must see it.
void learn_user(Reader& reader, const std::string& address, Mark at) {
  auto url = boost::urls::parse_uri(address);
  if (!url || !url->has_userinfo()) return;
  reader.learn_secret(address, at);
  reader.learn_secret(std::string(url->encoded_userinfo()), at);
  reader.learn_secret(std::string(url->encoded_password()), at);
  if (auto password = percent_decode(std::string_view(url->encoded_password())))
    reader.learn_secret(*password, at);
}

class ProxyShape final : public Shape<std::optional<Secret>> {
 public:
  void read(Reader& reader, const Node& node, std::optional<Secret>& out) const override {
    std::string text;
    inner()->read(reader, node, text);
    if (text.empty()) return;  // an empty ${EGRESS_PROXY} means: no proxy
    out = Secret(text);
    learn_user(reader, text, node.at);
  }
  boost::json::object schema() const override { return inner()->schema(); }

 private:
  static ShapePtr<std::string> inner() {
    static const ShapePtr<std::string> shape = text_shape<std::string>(
        {std::string(kProxyExpected), whole("|", kProxyScheme, kUser, kHostAndPort, "/?"), parse_proxy,
         Place::kHidden});
    return shape;
  }
};

}  // namespace

ShapePtr<std::optional<Secret>> proxy_address() { return std::make_shared<ProxyShape>(); }

std::optional<Secret> checked_proxy(Reader& reader, const Node& node, const std::string& address) {
  if (address.find('@') != std::string::npos) reader.learn_secret(address, node.at);
  learn_user(reader, address, node.at);
  auto parsed = parse_proxy(address);
  if (parsed) return Secret(*parsed);
  const std::string& why = parsed.error();
  reader.fault(node.at, "a variable of the environment",
               std::string(kProxyExpected) + (why.empty() ? "" : ": " + why));
  return std::nullopt;
}

ShapePtr<std::string> web_address() {
  return text_shape<std::string>(
      {"an address such as https://api.example.gov/v2", whole(kScheme, kHostAndPort, kUrlPath),
       [](const std::string& t) { return parse_web(t, Allow::kPath); }, Place::kAddress});
}

ShapePtr<std::string> token_address() {
  return text_shape<std::string>({"an address such as https://login.example.gov/oauth/token",
                                  whole(kScheme, kHostAndPort, kUrlPath, kUrlQuery),
                                  [](const std::string& t) { return parse_web(t, Allow::kPathAndQuery); },
                                  Place::kAddress});
}

ShapePtr<std::string> origin() {
  auto parse = [](const std::string& text) -> Parsed<std::string> {
    if (text == "*") return text;
    if (text.ends_with('/')) return std::unexpected("no / at the end");
    return parse_web(text, Allow::kNothing);
  };
  return text_shape<std::string>({"an origin such as https://www.example.gov, or *",
                                  whole(R"re(\*|)re", kScheme, kHostAndPort), parse, Place::kAddress});
}

std::optional<Listen> parse_listen_address(const std::string& text) {
  auto parsed = parse_listen(text);
  return parsed ? std::optional(std::move(*parsed)) : std::nullopt;
}

ShapePtr<Listen> listen_address() {
  TextRule<Listen> rule{"an address such as 127.0.0.1:8080, [::1]:8080 or 8080",
                        R"re(^(?:(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*):)?[0-9]{1,5}$)re", parse_listen};
  rule.whole_numbers_from = 0;
  rule.whole_numbers_to = 65535;
  return text_shape<Listen>(std::move(rule));
}

ShapePtr<std::string> object_path() {
  auto parse = [](const std::string& text) -> Parsed<std::string> {
    if (text == "_status.json" || text.starts_with("_status.json/"))
      return std::unexpected("that name is for the status object");
    if (characters(text) > kLongestPath || !good_segments(text)) return std::unexpected("");
    return text;
  };
  return text_shape<std::string>(
      {"a relative path without `..`, empty parts and control characters, at most 900 long",
       whole(R"re((?!_status\.json(?:/|$))(?=[^\r\n]{1,900}$))re", kSegments), parse, Place::kPublic});
}

ShapePtr<std::string> object_prefix() {
  auto parse = [](const std::string& text) -> Parsed<std::string> {
    std::string_view segments = text;
    if (segments.ends_with('/')) segments.remove_suffix(1);
    if (characters(text) > 500 || (!text.empty() && !good_segments(segments))) return std::unexpected("");
    return text;
  };
  return text_shape<std::string>({"what is put before each path, such as 1.0/",
                                  whole(R"re(|(?=[^\r\n]{1,500}$))re", kSegments, "/?"), parse});
}

ShapePtr<std::string> bucket_name() {
  auto parse = [](const std::string& text) -> Parsed<std::string> {
    bool ends = !text.empty() && !std::string_view("._-").contains(text.front()) &&
                !std::string_view("._-").contains(text.back());
    if (text.size() < 3 || text.size() > 255 || !ends || !host_name(text) ||
        text.find('~') != std::string::npos)
      return std::unexpected("");
    return text;
  };
  return text_shape<std::string>({"the name of a bucket: 3 to 255 letters, digits, . _ -",
                                  "^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$", parse});
}

}  // namespace pollux::config

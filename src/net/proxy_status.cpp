// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_status.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"

namespace pollux::net {
namespace {

constexpr std::size_t kLongest = 4096;
constexpr std::size_t kShown = 120;

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_printable(char c) { return c >= 0x20 && c < 0x7F; }

// RFC 8941, 3.3.4: tchar, ':' and '/'.
bool in_token(char c) {
  return is_alpha(c) || is_digit(c) ||
         std::string_view("!#$%&'*+-.^_`|~:/").find(c) != std::string_view::npos;
}

// Of a bare item that is neither token nor string: numbers, ?1, and :base64: (3.3.1, 3.3.2, 3.3.5, 3.3.6).
// Its value is of no interest here.
bool in_other(char c) {
  return is_alpha(c) || is_digit(c) || std::string_view("?+-./=:").find(c) != std::string_view::npos;
}

// Each function takes what it names from the front; false: it is not there, and the whole is no list.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip(std::string_view of) { rest_.remove_prefix(std::min(rest_.find_first_not_of(of), rest_.size())); }

  bool bare_item(std::string& out) {
    if (rest_.starts_with('"')) return string(out);
    if (rest_.empty()) return false;
    const bool token = is_alpha(rest_.front()) || rest_.front() == '*';
    return run(token ? in_token : in_other, out);
  }

  bool parameters(ProxyStatus& of) {
    while (take(';')) {
      skip(" ");
      std::string key, value;
      if (!this->key(key)) return false;
      if (take('=') && !bare_item(value)) return false;
      if (key == "error") {
        of.error = std::move(value);
      } else if (key == "details") {
        of.details = std::move(value);
      }
    }
    return true;
  }

 private:
  bool run(bool (*is_part)(char), std::string& out) {
    const auto end = std::ranges::find_if_not(rest_, is_part);
    out.assign(rest_.begin(), end);
    rest_.remove_prefix(out.size());
    return !out.empty();
  }
  bool key(std::string& out) {
    auto part = [](char c) {
      return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
    };
    return !rest_.empty() && !is_digit(rest_.front()) && run(part, out);
  }
  bool string(std::string& out) {
    rest_.remove_prefix(1);
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      char c = rest_[i];
      if (c == '"') {
        rest_.remove_prefix(i + 1);
        return true;
      }
      if (c == '\\') {
        if (++i == rest_.size()) return false;
        c = rest_[i];
        if (c != '"' && c != '\\') return false;
      }
      if (!is_printable(c)) return false;
      out += c;
    }
    return false;
  }

  std::string_view rest_;
};

std::string_view cut(std::string_view text) { return text.substr(0, kShown); }

// Lines of one name are one list (RFC 9110, 5.3). Of one that is too long to be read only so much that this
// shows.
std::string whole_list(const Headers& headers) {
  std::string out;
  for (const auto& [name, value] : headers) {
    if (!ascii_iequals(name, "Proxy-Status") || value.empty()) continue;
    if (!out.empty()) out += ", ";
    out += value;
    if (out.size() > kLongest) break;
  }
  return out;
}

}  // namespace

std::string ProxyStatus::text() const {
  if (details.empty()) return std::string(cut(error));
  return fmt::format("{} ({})", cut(details), cut(error));
}

std::optional<ProxyStatus> parse_proxy_status(std::string_view value) {
  if (value.size() > kLongest) return std::nullopt;
  std::optional<ProxyStatus> found;
  Reader reader(value);
  reader.skip(" ");
  for (bool more = !reader.at_end(); more;) {
    ProxyStatus member;
    if (!reader.bare_item(member.proxy) || !reader.parameters(member)) return std::nullopt;
    if (!member.error.empty()) found = std::move(member);
    reader.skip(" \t");
    more = !reader.at_end();
    if (more && !reader.take(',')) return std::nullopt;
    reader.skip(" \t");
    if (more && reader.at_end()) return std::nullopt;  // a comma with nothing behind it
  }
  return found;
}

std::string proxys_words(const Headers& headers) {
  const HttpResponse said{0, headers, ""};
  for (std::string_view name : {"X-Squid-Error", "X-Smokescreen-Error"}) {
    std::string value(cut(said.header(name)));
    std::ranges::replace_if(value, [](char c) { return !is_printable(c); }, '?');
    if (!value.empty()) return value;
  }
  const auto status = parse_proxy_status(whole_list(headers));
  return status ? status->text() : "";
}

bool proxy_sees(const HttpRequest& request) {
  return request.url.starts_with("http:") && request.way.proxy &&
         !request.way.proxy->reveal().starts_with("socks");
}

std::string proxys_own_answer(const HttpResponse& answer) {
  // Proxies that stand before the API have the same header: what came from there has been passed on, and says
  // so (RFC 9110, 7.6.3). Squid puts Via on its own answers too, but the names in X- on no others.
  const bool passed_on = !answer.header("Via").empty() && answer.header("X-Squid-Error").empty();
  const std::string words = passed_on ? "" : proxys_words(answer.headers);
  if (words.empty() && answer.status != 407) return "";
  return fmt::format("the proxy answered {} itself{}{}{}", answer.status, words.empty() ? "" : ": ", words,
                     answer.status == 407   ? "; check the user and password in the proxy's address"
                     : answer.status == 403 ? "; it does not let this host through"
                                            : "");
}

std::string format_proxy_status(const ProxyStatus& status) {
  std::string out = fmt::format("{}; error={}", status.proxy, status.error);
  if (status.details.empty()) return out;
  out += "; details=\"";
  for (const char c : status.details) {
    if (c == '"' || c == '\\') out += '\\';
    out += is_printable(c) ? c : '?';
  }
  return out + '"';
}

}  // namespace pollux::net

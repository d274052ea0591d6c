// SPDX-License-Identifier: Apache-2.0
#include "apps/sample_api/bad_answer.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "base/encoding.hpp"

namespace pollux::sample_api {
namespace {

using net::Misbehavior;
using net::ServerResponse;
using namespace std::string_literals;

constexpr Millis kForever = std::chrono::hours(1);
constexpr std::size_t kHuge =
    80U << 20;  // more than the 64 MiB that an answer may have unless told otherwise
constexpr std::size_t kDeep = 100000;

struct Case {
  const FaultRule& rule;
  const net::ServerRequest& request;
  ServerResponse good;
};

using Spoil = ServerResponse (*)(Case);

ServerResponse json(std::string body, int status = 200) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body), {}};
}

ServerResponse waits(std::string_view value) {
  std::string body = R"({"results":[{"intent":"CALL","formula":"ABANDON","estimatedWaitTimeSeconds":)";
  return json(body.append(value).append("}]}"));
}

ServerResponse html(int status, std::string type) {
  return {status,
          {{"Content-Type", std::move(type)}},
          "<!DOCTYPE html><html><head><title>Sorry</title></head><body><h1>We will be back "
          "soon</h1></body></html>",
          {}};
}

ServerResponse raw(std::string bytes) {
  Misbehavior how;
  how.raw = std::move(bytes);
  return {200, {}, "", std::move(how)};
}

std::string gzipped(std::string_view bytes) {
  std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor(
      libdeflate_alloc_compressor(6), libdeflate_free_compressor);
  std::string out(libdeflate_gzip_compress_bound(compressor.get(), bytes.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor.get(), bytes.data(), bytes.size(), out.data(), out.size()));
  return out;
}

ServerResponse encoded(std::string body, const char* encoding = "gzip") {
  auto response = json(std::move(body));
  response.headers.emplace_back("Content-Encoding", encoding);
  return response;
}

ServerResponse ended(ServerResponse response, std::optional<std::size_t> stop_after, Misbehavior::End end,
                     Millis stall = {}) {
  Misbehavior how = response.misbehavior.value_or(Misbehavior{});
  how.stop_after = stop_after;
  how.end = end;
  how.stall = stall;
  response.misbehavior = std::move(how);
  return response;
}

ServerResponse delayed(ServerResponse response, Millis delay) {
  Misbehavior how;
  how.delay = delay;
  response.misbehavior = std::move(how);
  return response;
}

ServerResponse redirect(std::string to) { return {302, {{"Location", std::move(to)}}, "", {}}; }

ServerResponse dripping(Case c) {
  Misbehavior how;
  how.drip = 1;
  how.drip_pause = c.rule.delay.value_or(Millis(100));
  c.good.misbehavior = std::move(how);
  return c.good;
}

std::string half(const std::string& text) { return text.substr(0, text.size() / 2); }

std::string utf16(std::string_view text) {
  std::string out = "\xff\xfe";
  for (char c : text) (out += c) += '\0';
  return out;
}

/// Some APIs show what they were sent when they refuse it: a secret that comes back in an error's body.
ServerResponse echoed(const Case& c) {
  std::string body = R"({"error":"invalid_request","received":{"target":)" + json_quote(c.request.target);
  for (const auto& [name, value] : c.request.headers)
    body += "," + json_quote(name) + ":" + json_quote(value);
  body += R"(,"body":)" + json_quote(c.request.body) + "}}";
  return json(body, c.rule.status.value_or(400));
}

struct Kind {
  Spoil spoil;
  bool quick = true;  // ends at once, is small
};

const std::map<std::string, Kind>& kinds() {
  using End = Misbehavior::End;
  static const std::map<std::string, Kind> table = {
      // The answer comes, but says no.
      {"status", {[](Case c) { return json(R"({"message":"no"})", c.rule.status.value_or(503)); }}},
      {"html_error", {[](Case c) { return html(c.rule.status.value_or(502), "text/html"); }}},
      {"echo_secret", {[](Case c) { return echoed(c); }}},
      {"no_content", {[](Case) { return ServerResponse{204, {}, "", {}}; }}},
      {"not_modified", {[](Case) { return ServerResponse{304, {}, "", {}}; }}},
      {"partial", {[](Case c) { return json(c.good.body, 206); }}},
      {"redirect_elsewhere",
       {[](Case c) { return redirect(c.rule.to.empty() ? "http://elsewhere.invalid/" : c.rule.to); }}},
      {"redirect_loop", {[](Case c) { return redirect(c.request.target); }}},
      // It says yes, and lies.
      {"html", {[](Case) { return html(200, "text/html; charset=utf-8"); }}},
      {"html_as_json", {[](Case) { return html(200, "application/json"); }}},
      {"error_200", {[](Case) { return json(R"({"error":{"code":500,"message":"internal"}})"); }}},
      {"empty_list", {[](Case) { return json(R"({"results":[]})"); }}},
      {"missing_field", {[](Case) { return json(R"({"results":[{"intent":"CALL"}]})"); }}},
      {"wrong_type", {[](Case) { return waits("\"167\""); }}},
      {"negative", {[](Case) { return waits("-5"); }}},
      {"fraction", {[](Case) { return waits("1.5"); }}},
      {"big_integer", {[](Case) { return waits("9007199254740993"); }}},
      {"huge_number", {[](Case) { return waits("1e999"); }}},
      {"nan", {[](Case) { return waits("NaN"); }}},
      {"null", {[](Case) { return json("null"); }}},
      {"top_level_list", {[](Case) { return json("[]"); }}},
      {"top_level_text", {[](Case) { return json("\"ok\""); }}},
      // It is no JSON, or no longer.
      {"empty_body", {[](Case) { return json(""); }}},
      {"cut_json", {[](Case c) { return json(half(c.good.body)); }}},
      {"trailing_comma", {[](Case) { return waits("167,"); }}},
      {"json_then_garbage", {[](Case c) { return json(c.good.body + "<!-- served by web-3 -->"); }}},
      {"two_documents", {[](Case c) { return json(c.good.body + "\n" + c.good.body); }}},
      {"bom", {[](Case c) { return json("\xef\xbb\xbf" + c.good.body); }}},
      {"not_utf8", {[](Case) { return waits("\"\xff\xfe\xc3\x28\""); }}},
      {"utf16", {[](Case c) { return json(utf16(c.good.body)); }}},
      {"deep_nesting", {[](Case) { return json(std::string(kDeep, '[') + std::string(kDeep, ']')); }}},
      // Its encoding is broken.
      {"bad_gzip", {[](Case c) { return encoded(c.good.body); }}},
      {"truncated_gzip", {[](Case c) { return encoded(half(gzipped(c.good.body))); }}},
      {"unknown_encoding", {[](Case c) { return encoded(c.good.body, "x-unknown"); }}},
      {"gzip_bomb",
       {[](Case c) { return encoded(gzipped(std::string(c.rule.bytes.value_or(kHuge), ' '))); }, false}},
      {"huge",
       {[](Case c) { return waits('"' + std::string(c.rule.bytes.value_or(kHuge), 'x') + '"'); }, false}},
      // It does not end, or not well.
      {"truncate", {[](Case c) { return ended(c.good, c.good.body.size() / 2, End::kClose); }}},
      {"reset", {[](Case c) { return ended(c.good, c.good.body.size() / 2, End::kReset); }}},
      {"reset_at_once", {[](Case) { return ended(raw(""), {}, End::kReset); }}},
      {"close_at_once", {[](Case) { return raw(""); }}},
      {"stall",
       {[](Case c) {
          return ended(c.good, c.good.body.size() / 2, End::kStall, c.rule.delay.value_or(kForever));
        },
        false}},
      {"delay", {[](Case c) { return delayed(c.good, c.rule.delay.value_or(Millis(5000))); }, false}},
      {"silence", {[](Case c) { return delayed(c.good, c.rule.delay.value_or(kForever)); }, false}},
      {"slow_drip", {[](Case c) { return dripping(std::move(c)); }, false}},
      // It is no HTTP.
      {"truncate_chunked", {[](Case) {
         return raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"results\":[");
       }}},
      {"bad_chunk", {[](Case) {
         return raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n");
       }}},
      {"bad_status_line", {[](Case) { return raw("HTTP/1.1 OK\r\nContent-Length: 2\r\n\r\n{}"); }}},
      {"not_http", {[](Case) { return raw("220 mail.example.gov ESMTP\r\n"); }}},
      {"bad_length", {[](Case) { return raw("HTTP/1.1 200 OK\r\nContent-Length: -7\r\n\r\n{}"); }}},
      {"huge_header",
       {[](Case) { return raw("HTTP/1.1 200 OK\r\nX-Long: " + std::string(400000, 'x') + "\r\n\r\n{}"); }}},
  };
  return table;
}

std::vector<std::string> names(bool quick_only) {
  std::vector<std::string> out;
  for (const auto& [name, kind] : kinds()) {
    if (kind.quick || !quick_only) out.push_back(name);
  }
  return out;
}

}  // namespace

const std::vector<std::string>& fault_names() {
  static const std::vector<std::string> all = names(false);
  return all;
}

const std::vector<std::string>& quick_fault_names() {
  static const std::vector<std::string> quick = names(true);
  return quick;
}

ServerResponse bad_answer(const FaultRule& rule, const net::ServerRequest& request, ServerResponse good) {
  ServerResponse bad = kinds().at(rule.fault).spoil({rule, request, std::move(good)});
  if (!rule.retry_after.empty()) bad.headers.emplace_back("Retry-After", rule.retry_after);
  return bad;
}

}  // namespace pollux::sample_api

// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/s3_multipart.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/digest.hpp"
#include "base/encoding.hpp"
#include "net/on_pool.hpp"
#include "net/see_through.hpp"
#include "poll/publish/s3_checksum.hpp"
#include "poll/publish/s3_xml.hpp"

namespace pollux::publish {
namespace {

using net::HttpResponse;

constexpr std::size_t kLongestId = 1024;
constexpr Millis kForAbort = std::chrono::seconds(3);

S3Call like(const S3Call& whole, std::string method, std::string query) {
  S3Call out;
  out.method = std::move(method);
  out.key = whole.key;
  out.query = std::move(query);
  out.hash = sha256_hex("");
  return out;
}

std::string query_of(const std::string& id) { return "uploadId=" + percent_encode(id); }

/// One part with its hashes, which cost too much for the io thread.
Task<Result<S3Call>> part_call(S3Exchange& exchange, asio::thread_pool& pool, const S3Call& whole,
                               std::string query, std::size_t from) {
  S3Call out = like(whole, "PUT", std::move(query));
  out.body = whole.body.substr(from, exchange.tuning().part.count);
  const auto kind = exchange.config().checksum;
  auto work = [call = std::move(out), kind]() mutable -> Result<S3Call> {
    call.hash = sha256_hex(call.body);
    if (auto sum = checksum_of(kind, call.body); !sum.empty())
      call.headers.emplace_back(checksum_header(kind), std::move(sum));
    return std::move(call);
  };
  co_return co_await net::on_pool(pool, std::move(work));
}

std::string sum_in(const S3Call& call) {
  for (const auto& [name, value] : call.headers) {
    if (name.starts_with("X-Amz-Checksum-")) return value;
  }
  return "";
}

Task<Result<std::vector<UploadedPart>>> send_parts(S3Exchange& exchange, asio::thread_pool& pool,
                                                   const S3Call& whole, const std::string& id) {
  std::vector<UploadedPart> parts;
  for (std::size_t from = 0; from < whole.body.size(); from += exchange.tuning().part.count) {
    auto query = fmt::format("partNumber={}&{}", parts.size() + 1, query_of(id));
    auto call = co_await part_call(exchange, pool, whole, std::move(query), from);
    if (!call) co_return std::unexpected(call.error());
    std::string sum = sum_in(*call);
    auto answer = co_await exchange.send(std::move(*call));
    if (!answer) co_return std::unexpected(answer.error());
    UploadedPart part{plain_etag(answer->header("ETag")), std::move(sum)};
    if (part.etag.empty()) {
      co_return fail(ErrorKind::kStorage, fmt::format("{}: the server took part {} without an ETag",
                                                      exchange.front(whole), parts.size() + 1));
    }
    parts.push_back(std::move(part));
  }
  co_return parts;
}

Task<Result<HttpResponse>> upload(S3Exchange& exchange, asio::thread_pool& pool, const S3Call& whole,
                                  const std::string& id, const net::Headers& conditions, S3Effort& effort) {
  auto parts = co_await send_parts(exchange, pool, whole, id);
  if (!parts) co_return std::unexpected(parts.error());
  S3Call complete = like(whole, "POST", query_of(id));
  complete.body = complete_body(*parts, checksum_name(exchange.config().checksum));
  complete.hash = sha256_hex(complete.body);
  complete.headers = conditions;
  complete.headers.emplace_back("Content-Type", "application/xml");
  complete.fenced = !conditions.empty();
  complete.late_errors = true;
  auto* seen = &effort;
  auto answer = co_await exchange.send(std::move(complete), seen);
  if (answer && answer->header("ETag").empty())
    answer->headers.emplace_back("ETag", parse_completed_etag(answer->body));
  co_return answer;
}

Task<Result<HttpResponse>> upload_or_canceled(S3Exchange& exchange, asio::thread_pool& pool,
                                              const S3Call& whole, const std::string& id,
                                              const net::Headers& conditions, S3Effort& effort) {
  try {
    co_return co_await upload(exchange, pool, whole, id, conditions, effort);
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) throw;
  }
  co_return fail(ErrorKind::kCanceled, exchange.front(whole) + ": stopped between two parts");
}

}  // namespace

Task<Result<HttpResponse>> put_in_parts(S3Exchange& exchange, asio::thread_pool& pool, const S3Call& whole,
                                        const net::Headers& conditions, S3Effort& effort) {
  S3Call begin = like(whole, "POST", "uploads=");
  begin.headers = whole.headers;
  if (auto name = checksum_name(exchange.config().checksum); !name.empty())
    begin.headers.emplace_back("X-Amz-Checksum-Algorithm", name);
  auto begun = co_await exchange.send(std::move(begin));
  if (!begun) co_return begun;
  const std::string id = parse_upload_id(begun->body);
  if (id.empty()) {
    co_return fail(ErrorKind::kStorage,
                   exchange.front(whole) +
                       ": the server began an upload in parts without an UploadId; check "
                       "that endpoint is an S3 server");
  }
  auto done = co_await upload_or_canceled(exchange, pool, whole, id, conditions, effort);
  if (done) co_return done;
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  S3Call abort = like(whole, "DELETE", query_of(id));
  abort.attempts = 2;
  auto aborting = exchange.send(std::move(abort));
  auto aborted = co_await net::see_through(std::move(aborting), kForAbort);
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (!aborted && done.error().kind != ErrorKind::kCanceled && !effort.uncertain)
    done.error().message += "; its parts could not be removed: let a lifecycle rule of the bucket do it";
  co_return done;
}

std::string parse_upload_id(std::string_view xml) { return xml_word(xml, "UploadId", kLongestId); }

std::string parse_completed_etag(std::string_view xml) {
  return plain_etag(xml_word(xml, "ETag", kLongestId));
}

std::string plain_etag(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.starts_with('"') && etag.ends_with('"') && etag.size() >= 2)
    etag = etag.substr(1, etag.size() - 2);
  const bool plain = std::ranges::all_of(etag, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
  return plain && etag.size() <= kLongestId ? std::string(etag) : std::string();
}

std::string complete_body(const std::vector<UploadedPart>& parts, std::string_view checksum) {
  std::string out = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    fmt::format_to(std::back_inserter(out), "<Part><PartNumber>{}</PartNumber><ETag>\"{}\"</ETag>", i + 1,
                   parts[i].etag);
    if (!checksum.empty())
      fmt::format_to(std::back_inserter(out), "<Checksum{0}>{1}</Checksum{0}>", checksum, parts[i].checksum);
    out += "</Part>";
  }
  return out + "</CompleteMultipartUpload>";
}

}  // namespace pollux::publish

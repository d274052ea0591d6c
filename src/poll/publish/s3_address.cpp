// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/s3_address.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "base/encoding.hpp"

namespace pollux::publish {
namespace {

using Addressing = config::S3Store::Addressing;

std::string endpoint_of(const config::S3Store& store) {
  if (store.endpoint.empty()) {
    std::string_view end = store.region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
    return fmt::format("https://s3.{}.{}", store.region, end);
  }
  return store.endpoint.find("://") == std::string::npos ? "https://" + store.endpoint : store.endpoint;
}

bool by_virtual_host(const config::S3Store& store, bool begins_with_bucket) {
  if (store.addressing != Addressing::kAuto) return store.addressing == Addressing::kVirtualHost;
  if (begins_with_bucket) return true;
  return store.endpoint.empty() && store.bucket.find('.') == std::string::npos;
}

}  // namespace

std::string S3Address::path_of(std::string_view key) const { return base + percent_encode(key, true); }

Result<S3Address> s3_address(const config::S3Store& store) {
  auto endpoint = endpoint_of(store);
  auto parsed = boost::urls::parse_uri(endpoint);
  bool usable = parsed.has_value() && (parsed->scheme() == "https" || parsed->scheme() == "http") &&
                !parsed->encoded_host().empty() && !parsed->has_userinfo() && !parsed->has_query() &&
                !parsed->has_fragment();
  if (!usable) {
    // The endpoint itself is not repeated: it might hold a password.
    return fail(ErrorKind::kUsage,
                fmt::format("s3 bucket {}: endpoint: expected http(s)://host[:port][/path]", store.bucket));
  }
  std::string scheme(parsed->scheme());
  std::string host = ascii_lower(std::string_view(parsed->encoded_host()));
  bool begins_with_bucket = host.starts_with(store.bucket + ".");
  bool virtual_host = by_virtual_host(store, begins_with_bucket);
  if (virtual_host && !begins_with_bucket) host = store.bucket + "." + host;
  std::string port(parsed->port());
  if (!port.empty() && port != (scheme == "https" ? "443" : "80")) host += ":" + port;

  std::string base(parsed->encoded_path());
  if (!base.ends_with('/')) base += '/';
  if (!virtual_host) base += percent_encode(store.bucket) + "/";
  return S3Address{scheme + "://" + host, host, base};
}

}  // namespace pollux::publish

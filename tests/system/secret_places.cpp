// SPDX-License-Identifier: Apache-2.0
#include "tests/system/secret_places.hpp"

#include <iterator>
#include <utility>

namespace pollux::test {
namespace {

using Named = std::pair<const char*, const char*>;

constexpr const char* kHead = R"y(listen: 127.0.0.1:0
stores:
  public: { directory: ./public }
  bucket:
    s3: { bucket: some-bucket, region: us-east-1, endpoint: "${S3_ENDPOINT:-http://127.0.0.1:1}", access_key_id: id-of-the-key,
          secret_access_key: "${V_s3}", session_token: "${V_session}" }
upstreams:
)y";

constexpr const char* kRest = ", retry: { attempts: 1 }, timeout: { connect: 5s, total: 20s } }\n";

constexpr Named kUpstreams[] = {
    {"header", R"y(url: "${API}", auth: { header: { X-Api-Key: "${V_header}" } })y"},
    {"extra", R"y(url: "${API}", headers: { X-Extra: "${V_extra}" })y"},
    {"query", R"y(url: "${API}", auth: { query: { api_key: "${V_query}" } })y"},
    {"basic", R"y(url: "${API}", auth: { basic: { user: someone, password: "${V_basic}" } })y"},
    {"bearer", R"y(url: "${API}", auth: { bearer: "${V_bearer}" })y"},
    {"file", R"y(url: "${API}", auth: { header: { X-Api-Key: "${file:secret.txt}" } })y"},
    {"oauth",
     R"y(url: "${API}", auth: { oauth2: { token_url: "${API}/oauth/token", client_id: sample-client, client_secret: "${V_oauth}" } })y"},
    {"oauth-refused",
     R"y(url: "${API}", auth: { oauth2: { token_url: "${API}/oauth/token?refuse", client_id: sample-client, client_secret: "${V_oauth}" } })y"},
    {"oauth-tls",
     R"y(url: "${API}", auth: { oauth2: { token_url: "https://${API_HOST}/oauth/token", client_id: sample-client, client_secret: "${V_oauth}" } })y"},
    {"dead", R"y(url: "http://${DEAD}", auth: { query: { api_key: "${V_query}" } })y"},
    {"tls", R"y(url: "https://${API_HOST}", auth: { query: { api_key: "${V_query}" } })y"},
    {"proxied", R"y(url: "${API}", proxy: "${PROXY}", auth: { bearer: "${V_bearer}" })y"},
    {"proxied-tls", R"y(url: "https://${API_HOST}", proxy: "${PROXY}", auth: { bearer: "${V_bearer}" })y"},
    {"dead-proxy",
     R"y(url: "${API}", proxy: "${DEAD_PROXY}", auth: { basic: { user: someone, password: "${V_basic}" } })y"},
};

// Every way to fail. The API answers with what it was sent, so that each answer holds a secret.
constexpr Named kPolls[] = {
    {"echo", R"y(fetch: { from: UP, path: /echo })y"},
    {"refused", R"y(fetch: { from: UP, path: "/echo?unauthorized" })y"},
    {"forbidden", R"y(fetch: { from: UP, path: "/echo?forbidden" })y"},
    {"told", R"y(fetch: { from: UP, path: "/echo?told" })y"},
    {"told200", R"y(fetch: { from: UP, path: "/echo?yes-told" })y"},
    {"cut", R"y(fetch: { from: UP, path: "/echo?cut" })y"},
    {"twice", R"y(fetch: { from: UP, path: "/echo?twice" })y"},
    {"leaves", R"y(fetch: { from: UP, path: "/echo?leaves" })y"},
    {"error", R"y(fetch: { from: UP, path: /echo }, transform: { jq: "error(tostring)" })y"},
    {"odd",
     R"y(fetch: { from: UP, path: /echo }, transform: { jq: "keys[0] as $k | .[.headers | tostring] | .a" })y"},
    {"schema",
     R"y(fetch: { from: UP, path: /echo }, transform: { jq: ".target + (.headers | tostring)" }, check: { schema: number.schema.json })y"},
    {"coded",
     R"y(fetch: { from: UP, path: /echo }, transform: { jq: "[.query[], .headers[]] | map(@base64, @uri)" })y"},
};

constexpr const char* kMorePolls = R"y(
  good-key: { every: 1h, fetch: { from: header, path: /key }, publish: { to: public } }
  good-basic: { every: 1h, fetch: { from: basic, path: /basic }, publish: { to: public } }
  good-oauth: { every: 1h, fetch: { from: oauth, path: /bearer }, publish: { to: public } }
  good-proxied: { every: 1h, fetch: { from: proxied, path: /big }, publish: { to: public } }
  vars-shown: { every: 1h, vars: { key: "${VARS_API_KEY}" }, fetch: { from: extra, path: /big }, transform: { jq: "$vars" }, publish: { to: public } }
  vars-thrown: { every: 1h, vars: { key: "${VARS_API_KEY}" }, fetch: { from: extra, path: /big }, transform: { jq: "error($vars.key)" }, publish: { to: public } }
  vars-sent: { every: 1h, fetch: { from: extra, path: /echo, query: { k: "${VARS_API_KEY}" }, headers: { X-K: "${VARS_API_KEY}" } }, publish: { to: public } }
  stored: { every: 1h, fetch: { from: extra, path: /big }, publish: { to: bucket } }
)y";
constexpr std::size_t kMore = 8;

}  // namespace

std::string file_with_secrets() {
  std::string out = kHead;
  for (const auto& [name, what] : kUpstreams)
    out.append("  ").append(name).append(": { ").append(what) += kRest;
  out += "polls:\n";
  for (const auto& [upstream, address] : kUpstreams) {
    for (const auto& [kind, what] : kPolls) {
      std::string poll = what;
      poll.replace(poll.find("UP"), 2, upstream);
      out.append("  ").append(upstream).append("-").append(kind);
      out += ": { every: 1h, " + poll + ", publish: { to: public } }\n";
    }
  }
  return out + kMorePolls;
}

std::size_t polls_with_secrets() { return std::size(kUpstreams) * std::size(kPolls) + kMore; }

}  // namespace pollux::test

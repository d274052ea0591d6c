// SPDX-License-Identifier: Apache-2.0
#include "config/testdata/files.hpp"

namespace pollux::config::testdata {

const std::vector<std::string>& good_files() {
  static const std::vector<std::string> all{
      // The example of the design, without limits.
      R"(upstreams:
  contact-center:
    url: https://api.${CALL_CENTER_ENVIRONMENT}
    auth:
      oauth2:                                  # one token for all
        token_url: https://login.${CALL_CENTER_ENVIRONMENT}/oauth/token
        client_id: ${CALL_CENTER_CLIENT_ID}
        client_secret: ${CALL_CENTER_CLIENT_SECRET}
    concurrency: 4
    timeout: 10s
    retry: { attempts: 4, backoff: 500ms..30s }
    proxy: ${EGRESS_PROXY}

stores:
  public:
    s3: { bucket: "${vcap:callwait-storage.bucket}", region: "${vcap:callwait-storage.region}", prefix: 1.0/ }
    cors: { origins: [https://www.usa.gov, https://usa.gov] }

polls:
  wait-times:
    every: 1m
    fetch:
      en_call: { from: contact-center, path: "/api/v2/queues/${EN_QUEUE}/call" }
      en_chat: { from: contact-center, path: "/api/v2/queues/${EN_QUEUE}/chat" }
    transform:
      jq: |
        def seconds: .results[0].estimatedWaitTimeSeconds;
        { call: { estimatedWaitTimeSeconds: { en: (.en_call | seconds) } },
          chat: { estimatedWaitTimeSeconds: { en: (.en_chat | seconds) } },
          timestamp: $fetched_at }
    check:
      schema: wait-times.schema.json
      stale_after: 10m
    publish:
      - { to: public, path: waittime.json, cache: "max-age=30, stale-while-revalidate=60" }
)",
      "polls: {p: {every: 1m, fetch: {from: a}}}\nupstreams: {a: {url: http://a}}\n",
      // Every key there is.
      R"(state: data/state.db
listen: "[::1]:9090"
log: {level: debug, format: json}
upstreams:
  header:
    url: https://a.example:8443/base/
    auth: {header: {X-Api-Key: "${API_KEY}"}}
    headers: {User-Agent: pollux, X-Empty: "", X-Number: 7}
    concurrency: ${NUMBER}
    timeout: {connect: 1s, total: 20s, stall: 5s}
    retry: {attempts: 20, backoff: 1s..1m30s}
    proxy: "${EMPTY}"
    ca_file: ca.pem
    redirects: none
    max_answer: 512KiB
  query: {url: https://b.example, auth: {query: {api_key: "${file:/run/secrets/key}"}}, max_answer: 1048576}
  basic: {url: https://c.example, auth: {basic: {user: u, password: "12345678"}}, redirects: any}
  bearer: {url: https://d.example, auth: {bearer: "${file:token}"}, redirects: same_host}
  oauth2:
    url: https://e.example
    auth:
      oauth2: {token_url: "https://e.example/t?tenant=1", client_id: 42, client_secret: "${vcap:api.token}", scope: a b}
stores:
  here: {directory: ../public}
  there:
    s3:
      bucket: bucket.name
      region: eu-west-1
      prefix: a/b
      endpoint: http://127.0.0.1:7480/
      access_key_id: id
      secret_access_key: a-long-secret
      session_token: a-long-token
      addressing: virtual_host
      acl: public-read
      gzip: false
      proxy: http://proxy:3128
      ca_file: /etc/ca.pem
      timeout: 10s
    cors: {origins: ["*"]}
polls:
  all.of-it_1:
    cron: "*/5 8-20 * * MON-FRI"
    tz: America/New_York
    jitter: 10s
    cursor: {jq: "[.[].id] | max", start: {since: 0, seen: [a, ~]}}
    window: {last: 500, days: 30, time: .meta.at, key: ".ids[0]"}
    fetch:
      list: {from: header, path: /list, query: {day: "${date:yesterday}", page: 1, all: true}}
      item:
        from: query
        path: "/items/${step:list.items[0].id}/x$${y}"
        headers: {X-First: "${step:list[0]}"}
        json: {a: [1, 2.50, null, true, "${date:-7d}"], b: {c: "${step:list.name}"}, d: plain}
      form: {from: basic, form: {when: "${date:+3d}", who: "${NAME:-nobody}"}, method: POST, expect: text}
      post: {from: bearer, method: POST, expect: json}
    transform: {jq: ".", large_integers: round, timeout: 2s, memory: 64MiB}
    check: {stale_after: 1h}
    publish:
      - {to: here, path: a/b.json}
      - {to: there, path: "with space/ünï.json", content_type: application/json, cache: no-store}
    vars: {a: "${PERIOD}", n: 007, f: .5, b: true, z: ~, l: [1, {x: y}], t: "5", neg: -0x}
  single: {every: "${PERIOD}", fetch: {from: oauth2, json: {from: x}}, publish: {to: here, cache: no-cache}}
)",
      // Anchors, aliases, merge keys, tags that change nothing, CRLF, and a byte order mark.
      "\xEF\xBB\xBFupstreams: {a: &a {url: http://a, timeout: 5s}, b: {<<: *a, url: !!str "
      "http://b}}\r\npolls:\r\n"
      "  p: &p {every: 5m, fetch: {from: a}}\r\n  q: {<<: [*p, {jitter: 1s}], fetch: {from: b}}\r\n",
      "listen: 8080\nupstreams: {a: {url: http://a}}\npolls: {p: {cron: '@daily', fetch: {from: a}}}\n",
      "listen: :0\nupstreams: {a: {url: http://a}}\npolls: {p: {cron: 0 0 29 2 *, fetch: {from: a, query: "
      "{}}}}\n",
      "stores: {s: {s3: {bucket: abc}}}\nupstreams: {a: {url: http://a}}\npolls: {p: {every: 1d, fetch: "
      "{from: a}}}\n",
      "upstreams: {a: {url: http://a}}\npolls: {p: {every: 1d, fetch: {json: {from: a}, from: {from: a}}}}\n",
  };
  return all;
}

}  // namespace pollux::config::testdata

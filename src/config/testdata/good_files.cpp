// SPDX-License-Identifier: Apache-2.0
#include "config/testdata/files.hpp"

namespace pollux::config::testdata {

const std::vector<std::string>& good_files() {
  static const std::vector<std::string> all{
      // The example of the design.
      R"(upstreams:
  contact-center:
    url: https://api.${CALL_CENTER_ENVIRONMENT}
    auth:
      oauth2:                                  # one token for all
        token_url: https://login.${CALL_CENTER_ENVIRONMENT}/oauth/token
        client_id: ${CALL_CENTER_CLIENT_ID}
        client_secret: ${CALL_CENTER_CLIENT_SECRET}
    limits: [300/minute, 20000/day]            # tokens included
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
    limits: [1/second, 100/hour sliding, 20000/day in America/Los_Angeles, 5/month sliding, 900/month in UTC]
    breaker: {failures: 3, pause: 1s..1h}
    proxy: "${EMPTY}"
    proxy_ca_file: ca.pem
    ca_file: ca.pem
    tls: {certificate: both.pem, key: both.pem, key_password: not-needed-here, at_least: "1.3"}
    redirects: none
    max_answer: 512KiB
  query: {url: https://b.example, auth: {query: {api_key: "${file:/run/secrets/key}"}}, max_answer: 1048576}
  basic: {url: https://c.example, auth: {basic: {user: u, password: "12345678"}}, redirects: any, limits: 60/minute, breaker: off}
  bearer: {url: https://d.example, auth: {bearer: "${file:token}"}, redirects: same_host, proxy: env}
  socks: {url: https://d.example, proxy: "socks5h://u:a-long-password@p:1080", tls: {at_least: "1.2"}}
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
      encryption: aws:kms
      encryption_key: alias/public
      checksum: sha256
      proxy: http://proxy:3128
      proxy_ca_file: ca.pem
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
      post: {from: bearer, method: POST, expect: json, safe: true}
    transform: {jq: ".", large_integers: round, timeout: 2s, memory: 64MiB}
    check: {stale_after: 1h}
    publish:
      - {to: here, path: a/b.json}
      - {to: there, path: "with space/ünï.json", content_type: application/json, cache: no-store}
    vars: {a: "${PERIOD}", n: 007, f: .5, b: true, z: ~, l: [1, {x: y}], t: "5", neg: -0x}
  single: {every: "${PERIOD}", fetch: {from: oauth2, json: {from: x}}, publish: {to: here, cache: no-cache}}
)",
      // Every key of `auth` that the file above lacks: a file of its own, for the sake of the mutants' time.
      R"(upstreams:
  refreshed:
    url: https://f.example
    auth:
      oauth2:
        token_url: https://f.example/t
        client_id: c
        client_secret: ${CALL_CENTER_CLIENT_SECRET}
        client_in: header
        audience: https://f.example/
        fields: {resource: r, number: 7}
        refresh_token: ${file:token}
  google:
    url: https://g.example
    auth: {google: {key: "${file:key.json}", scope: a b, token_url: "https://g.example/token"}}
  google-in-turn:
    url: https://h.example
    auth: {google: {key: ["${file:key.json}", "${file:key.json}"], audience: "https://h.example/"}}
  aws:
    url: https://i.example
    auth:
      aws: {access_key_id: "${AWS_ACCESS_KEY_ID}", secret_access_key: "${AWS_SECRET_ACCESS_KEY}", session_token: token-1, region: eu-west-1, service: execute-api}
polls: {p: {every: 1m, fetch: {from: refreshed}}}
)",
      // Every form of for_each.
      R"(upstreams: {a: {url: http://a}, b: {url: http://b}}
polls:
  list-${each:value}:
    for_each: [en, es, 7, true]
    every: 1m
    fetch: {from: a, path: /${each:value}}
  map.${each:lang}:
    for_each: [{lang: en, queue: 7, period: 90s, api: a}, {lang: es, queue: "${EN_QUEUE}", period: 2m, api: b}]
    every: ${each:period}
    fetch: {from: "${each:api}", query: {q: "${each:queue}"}, headers: {X-Lang: "${each:lang}", X: "${EN_QUEUE}"}}
    publish: {path: "${each:lang}/${each:queue}.json", cache: "max-age=${each:#}"}
    vars: {lang: overridden, both: "${each:lang}-${NAME:-x}", all: [{l: "${each:lang}"}]}
  ${each:lang}_${each:file}-${each:#}:
    for_each: {lang: [en, es], file: [call, call], csv: {file: queues.csv}}
    cron: "${each:lang#} * * * *"
    fetch: {from: a, form: {l: "${each:lang}", c: "${each:csv.Medium Name}"}}
    publish: {path: "${each:#}.json"}
  json-${each:row.n}:
    for_each: {row: {file: lists.json, at: ".a[0].rows"}}
    every: 1d
    fetch:
      one: {from: a, json: {q: "${each:row.q}", n: "n is ${each:row.n}", d: ["${date:today}"]}}
      two: {from: b, path: "/${step:one.id}"}
    check: {stale_after: 1h}
  csv-${each:#}${each:id}: {for_each: {file: queues.csv}, every: 1d, fetch: {from: a}}
)",
      // Pages of every kind, and answers of every format.
      R"(upstreams: {a: {url: http://a}}
polls:
  p:
    every: 1h
    fetch:
      link: {from: a, paginate: {link: next, max_pages: 7}}
      next: {from: a, expect: auto, paginate: {next: '.["@odata.nextLink"]', items: .value}}
      cursor: {from: a, paginate: {as: after, cursor: ".meta.next[0].x-y", items: .data, until: ".more | not"}}
      offset: {from: a, expect: jsonl, paginate: {offset: from, by: 50}}
      page: {from: a, expect: csv, delimiter: ";", charset: windows-1252, paginate: {page: p, first: 0}}
      jq: {from: a, conditional: false, paginate: {jq: '.headers["x-next-page"] | if . == "" then null else {page: .} end', items: .}}
      tab: {from: a, expect: csv, delimiter: tab}
    publish: {content_type: application/json}
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

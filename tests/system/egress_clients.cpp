// SPDX-License-Identifier: Apache-2.0
#include "tests/system/egress_clients.hpp"

namespace pollux::test {
namespace {

constexpr const char* kCurl = R"(
said=$(curl -sS --proxy "http://$PROXY_HOST:$PROXY_PORT" --proxy-user "$PROXY_USER:$PROXY_PASSWORD" --cacert "$CA" \
  -o body -w '%{http_connect} %{http_code} %{content_type}' "$1")
set -- $said
case $1 in 000 | 200) echo "$2 $3" ;; *) echo "$1 " ;; esac
cat body 2>/dev/null
)";

constexpr const char* kUrllib = R"(
import os, re, ssl, sys, urllib.error, urllib.parse, urllib.request
e = os.environ
proxy = 'http://%s:%s@%s:%s' % (urllib.parse.quote(e['PROXY_USER'], ''), urllib.parse.quote(e['PROXY_PASSWORD'], ''),
                                e['PROXY_HOST'], e['PROXY_PORT'])
opener = urllib.request.build_opener(urllib.request.ProxyHandler({'http': proxy, 'https': proxy}),
                                     urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=e['CA'])))
try:
    answer = opener.open(sys.argv[1], timeout=30)
except urllib.error.HTTPError as error:
    answer = error
except urllib.error.URLError as error:
    print(re.search('Tunnel connection failed: (.*)', str(error.reason))[1][:3], '')
    sys.exit()
print(answer.status, answer.headers['Content-Type'])
print(answer.read().decode(), end='')
)";

constexpr const char* kHttpClient = R"(
import base64, http.client, os, re, ssl, sys, urllib.parse
e = os.environ
url = urllib.parse.urlsplit(sys.argv[1])
who = base64.b64encode(('%s:%s' % (e['PROXY_USER'], e['PROXY_PASSWORD'])).encode()).decode()
show = {'Proxy-Authorization': 'Basic ' + who}
if url.scheme == 'https':
    client = http.client.HTTPSConnection(e['PROXY_HOST'], int(e['PROXY_PORT']), timeout=30,
                                         context=ssl.create_default_context(cafile=e['CA']))
    client.set_tunnel(url.hostname, url.port, show)
    target, headers = url.path, {}
else:
    client = http.client.HTTPConnection(e['PROXY_HOST'], int(e['PROXY_PORT']), timeout=30)
    target, headers = sys.argv[1], show
try:
    client.request('GET', target, headers=headers)
except OSError as error:
    print(re.search('Tunnel connection failed: (.*)', str(error))[1][:3], '')
    sys.exit()
answer = client.getresponse()
print(answer.status, answer.headers['Content-Type'])
print(answer.read().decode(), end='')
)";

constexpr const char* kNode = R"(
const fs = require('fs'), http = require('http'), tls = require('tls');
const e = process.env, url = new URL(process.argv[1]);
const who = 'Basic ' + Buffer.from(`${e.PROXY_USER}:${e.PROXY_PASSWORD}`).toString('base64');
const proxy = { host: e.PROXY_HOST, port: e.PROXY_PORT, agent: false, headers: { 'Proxy-Authorization': who } };
const show = answer => {
  console.log(answer.statusCode, answer.headers['content-type'] || '');
  answer.pipe(process.stdout);
};
if (url.protocol === 'http:') {
  proxy.headers.Host = url.host;
  http.get({ ...proxy, path: url.href }, show);
} else {
  const port = url.port || 443;
  http.request({ ...proxy, method: 'CONNECT', path: `${url.hostname}:${port}` }).on('connect', (answer, socket, head) => {
    if (answer.statusCode !== 200) {  // the body is left to whoever asks: Node hands out the socket
      console.log(answer.statusCode, answer.headers['content-type'] || '');
      process.stdout.write(head);
      socket.pipe(process.stdout);
      const length = Number(answer.headers['content-length']) - head.length;
      let come = 0;
      socket.on('data', part => { if ((come += part.length) >= length) socket.destroy(); });
      if (length <= 0) socket.destroy();
      return;
    }
    const inside = tls.connect({ socket, servername: url.hostname, ca: fs.readFileSync(e.CA) }, () =>
      http.get({ createConnection: () => inside, path: url.pathname, headers: { Host: url.host } }, show));
  }).end();
}
)";

}  // namespace

std::vector<ProxyUser> proxy_users() {
  return {{"curl", "curl", {"sh", "-c", kCurl, "sh"}},
          {"urllib", "python3", {"python3", "-c", kUrllib}},
          {"http_client", "python3", {"python3", "-c", kHttpClient}},
          {"node", "node", {"node", "-e", kNode}}};
}

}  // namespace pollux::test

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes src/sign/testdata/sigv4.json: requests of our own with their AWS Signature Version 4.

This is a second implementation, by another way (the standard library's hmac and urllib), so that the one in C++ is not
tested against itself. `--verify DIR` first proves this one against a folder of Amazon's official cases, where there is one.

usage: make_sigv4_fixtures.py [--verify DIR] [--check] [OUTPUT]
"""
import argparse
import hashlib
import hmac
import json
import pathlib
import posixpath
import re
import sys
from urllib.parse import quote, unquote_to_bytes

UNSIGNED = {"user-agent", "accept-encoding", "authorization", "connection", "expect", "x-amzn-trace-id"}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def keyed(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def once(text: str) -> str:
    return quote(unquote_to_bytes(text), safe="-._~")


def canonical_path(path: str, rules: dict) -> str:
    if rules["normalise_path"]:
        folder = path.endswith(("/", "/.", "/.."))
        path = posixpath.normpath("/" + path.lstrip("/"))
        if folder and path != "/":
            path += "/"
    if rules["double_encode"]:
        return quote(path.encode(), safe="/-._~")
    return "/".join(once(segment) for segment in path.split("/"))


def canonical_query(query: str) -> str:
    pairs = [(once(k), once(v)) for k, _, v in (p.partition("=") for p in query.split("&") if p)]
    return "&".join(f"{k}={v}" for k, v in sorted(pairs))


def sign(case: dict) -> dict:
    rules, keys = case["rules"], case["credentials"]
    date, payload = case["date"], digest(case["body"].encode())
    added = [["X-Amz-Date", date]]
    if rules["content_hash_header"]:
        added.append(["X-Amz-Content-Sha256", payload])
    if keys.get("session_token"):
        added.append(["X-Amz-Security-Token", keys["session_token"]])
    chosen: dict[str, list[str]] = {}
    for name, value in case["headers"] + added:
        name = name.lower()
        if name == "x-amz-security-token" and not rules["sign_session_token"]:
            continue
        few = name in ("host", "content-type") or name.startswith("x-amz-")
        if few or (rules["every_header"] and name not in UNSIGNED):
            chosen.setdefault(name, []).append(" ".join(re.split(r"[ \t\r\n]+", value.strip(" \t\r\n"))))
    names = ";".join(sorted(chosen))
    lines = "".join(f"{name}:{','.join(chosen[name])}\n" for name in sorted(chosen))
    canonical = "\n".join([case["method"], canonical_path(case["path"], rules), canonical_query(case["query"]),
                           lines, names, payload])
    scope = f"{date[:8]}/{case['region']}/{case['service']}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", date, scope, digest(canonical.encode())])
    key = ("AWS4" + keys["secret_access_key"]).encode()
    for part in scope.split("/"):
        key = keyed(key, part)
    signature = keyed(key, to_sign).hex()
    return {"canonical_request": canonical, "string_to_sign": to_sign,
            "authorization": f"AWS4-HMAC-SHA256 Credential={keys['access_key_id']}/{scope}, "
                             f"SignedHeaders={names}, Signature={signature}"}


OTHER = {"normalise_path": True, "double_encode": True, "content_hash_header": False, "every_header": True,
         "sign_session_token": True}
S3 = {"normalise_path": False, "double_encode": False, "content_hash_header": True, "every_header": False,
      "sign_session_token": True}


def read_official(folder: pathlib.Path) -> dict:
    context = json.loads((folder / "context.json").read_text())
    head, _, body = (folder / "request.txt").read_text().partition("\n\n")
    first, *rest = head.rstrip("\n").split("\n")
    method, target = first.removesuffix(" HTTP/1.1").split(" ", 1)
    path, _, query = target.partition("?")
    headers: list[list[str]] = []
    for line in rest:
        if line[0] in " \t":
            headers[-1][1] += "\n" + line
        else:
            headers.append(list(line.split(":", 1)))
    keys = context["credentials"]
    rules = OTHER | {"normalise_path": context["normalize"], "content_hash_header": context["sign_body"],
                     "sign_session_token": not context.get("omit_session_token", False)}
    return {"method": method, "path": path, "query": query, "headers": headers, "body": body, "rules": rules,
            "credentials": {"access_key_id": keys["access_key_id"], "secret_access_key": keys["secret_access_key"],
                            "session_token": keys.get("token", "")},
            "region": context["region"], "service": context["service"],
            "date": re.sub("[-:]", "", context["timestamp"])}


def verify(root: pathlib.Path) -> None:
    folders = sorted(p.parent for p in root.glob("*/context.json"))
    if not folders:
        sys.exit(f"{root}: no official case")
    for folder in folders:
        made = sign(read_official(folder))
        for name, file in (("canonical_request", "header-canonical-request.txt"),
                           ("string_to_sign", "header-string-to-sign.txt")):
            if made[name].strip() != (folder / file).read_text().strip():
                sys.exit(f"{folder.name}: {name} differs:\n{made[name]}")
        if not made["authorization"].endswith("=" + (folder / "header-signature.txt").read_text().strip()):
            sys.exit(f"{folder.name}: the signature differs")
    print(f"{len(folders)} official cases pass")


def cases() -> list[dict]:
    keys = {"access_key_id": "POLLUXTESTKEY0000001", "secret_access_key": "a/secret+of/the=fixtures", "session_token": ""}
    token = keys | {"session_token": "FwoG//token+with/signs=="}
    host = ["Host", "queues.example.gov"]
    s3_host = ["Host", "storage.example.gov:9000"]
    form = ["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"]
    out = []

    def add(name, method="GET", path="/", query="", headers=None, body="", rules=None, credentials=None,
            date="20260228T235959Z", region="eu-west-3", service="queues"):
        out.append({"name": name, "method": method, "path": path, "query": query, "headers": headers or [host],
                    "body": body, "rules": OTHER | (rules or {}), "credentials": credentials or keys,
                    "region": region, "service": service, "date": date})

    add("plain")
    add("plain_post", "POST")
    add("another_day", date="20240229T000000Z")
    add("another_region_and_service", region="us-gov-west-1", service="states")
    add("header_given_twice", headers=[host, ["X-Part", "b"], ["X-Part", "b"], ["x-part", "a"]])
    add("header_values_keep_their_order", headers=[host, ["X-N", "4"], ["X-N", "1"], ["X-N", "3"]])
    add("header_over_lines", headers=[host, ["X-Long", "one\n   two\n\tthree"]])
    add("header_trimmed", headers=[host, ["X-A", "  x  "], ["X-B", ' "p   q" ']])
    add("header_empty", headers=[host, ["X-Empty", ""]])
    add("header_names_of_mixed_case", headers=[["hOsT", "queues.example.gov"], ["ZEBRA", "z"], ["aPe", "a"]])
    add("header_names_sorted", "POST", headers=[host, ["B", "2"], ["A", "1"], ["C", "3"]])
    add("headers_of_proxies_unsigned", headers=[host, ["User-Agent", "pollux"], ["Accept-Encoding", "gzip"],
                                                ["Connection", "close"], ["Expect", "100-continue"]])
    for name, path in (("dot", "/./a"), ("dot_at_end", "/a/."), ("up", "/a/b/../c"), ("up_at_end", "/a/b/.."),
                       ("up_beyond_root", "/../../a"), ("all_up", "/a/../"), ("double_slash", "//a//b//"),
                       ("only_slashes", "//"), ("blank", "/a b/c"), ("plus", "/a+b"), ("encoded", "/a%20b"),
                       ("percent", "/100%"), ("utf8", "/\u00fcber/\u4e16\u754c"),
                       ("unreserved", "/AZaz09-._~"), ("reserved", "/!$&'()*,;=:@[]")):
        add(f"path_{name}_normalised", path=path)
        add(f"path_{name}_as_it_is", path=path, rules={"normalise_path": False})
    for name, query in (("one", "a=1"), ("no_value", "flag"), ("empty_value", "flag="), ("unsorted", "b=2&a=1"),
                        ("same_name", "a=2&a=1&a="), ("case", "b=1&B=2&a=3"), ("prefix_names", "ab=1&a=2&a-b=3"),
                        ("encoded_and_not", "q=a%20b&r=a b"), ("plus", "q=a+b"), ("utf8", "\u00fc=\u4e16"),
                        ("lower_hex", "q=%c3%bc"), ("equals_in_value", "q=a=b"), ("reserved", "q=/?:@!$'()*,;"),
                        ("empty_parts", "&a=1&&b=2&"), ("encoded_order", "z=1&%C3%BC=2&Z=3")):
        add(f"query_{name}", query=query)
    add("form_body", "POST", headers=[form, host, ["Content-Length", "7"]], body="a=1&b=2")
    add("form_body_hashed", "POST", headers=[form, host], body="a=1&b=2", rules={"content_hash_header": True})
    add("utf8_body", "POST", headers=[host], body="{\"\u00fc\":\"\u4e16\"}")
    add("session_token", credentials=token)
    add("session_token_unsigned", "POST", credentials=token, rules={"sign_session_token": False})

    def add_s3(name, method="PUT", path="/pub/waittime.json", query="", extra=None, body='{"a":1}', credentials=None):
        add("s3_" + name, method, path, query, [s3_host] + (extra or []), body, S3, credentials, service="s3")

    json_type = ["Content-Type", "application/json"]
    add_s3("put", extra=[json_type])
    add_s3("put_few_headers_signed", extra=[json_type, ["Cache-Control", "max-age=30"], ["Content-Encoding", "gzip"],
                                            ["X-Amz-Acl", "public-read"]])
    add_s3("get", "GET", body="")
    add_s3("delete", "DELETE", body="")
    add_s3("token", extra=[json_type], credentials=token)
    add_s3("bucket_setting", path="/pub", query="cors")
    for name, key in (("blank", "a%20b"), ("plus", "a%2Bb"), ("percent", "100%25"), ("utf8", "%C3%BC/%E4%B8%96"),
                      ("reserved", "%21%24%26%27%28%29%2A%2C%3B%3D%3A%40"), ("dots", "a/../b/./c"), ("slashes", "a//b"),
                      ("lower_hex", "%c3%bc"), ("slash_inside", "a%2Fb")):
        add_s3("key_" + name, path="/pub/" + key)
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verify", type=pathlib.Path, metavar="DIR", help="folder of the official cases")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file is not what would be written")
    default = pathlib.Path(__file__).parent.parent / "src/sign/testdata/sigv4.json"
    parser.add_argument("output", nargs="?", type=pathlib.Path, default=default)
    args = parser.parse_args()
    if args.verify:
        verify(args.verify)
    made = [case | {"expected": sign(case)} for case in cases()]
    text = json.dumps(made, indent=1, ensure_ascii=True) + "\n"
    if args.check:
        same = args.output.read_text() == text
        print(f"{args.output.name}: {'as it should be' if same else 'stale: run tools/make_sigv4_fixtures.py'}")
        return 0 if same else 1
    args.output.write_text(text)
    print(f"{len(made)} cases")
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the vector of jwt_test.cpp without any of our code: openssl signs, basenc encodes. The keys in this folder are
# throw-away ones (openssl genpkey) that open nothing.
set -euo pipefail
cd "$(dirname "$0")"
url64() { basenc --base64url -w0 | tr -d '='; }
header='{"alg":"RS256","typ":"JWT","kid":"key-1"}'
payload='{"iss":"reporter@project.example","aud":"https://login.example/token","scope":"read \"all\"","iat":1700000000,"exp":1700003600}'
signed="$(printf %s "$header" | url64).$(printf %s "$payload" | url64)"
printf '%s.%s\n' "$signed" "$(printf %s "$signed" | openssl dgst -sha256 -sign rsa_private.pem | url64)" > jwt.txt

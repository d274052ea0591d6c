// SPDX-License-Identifier: Apache-2.0
// Any bytes as the beginning of a tunnel, at once and in pieces: both ways they are read as the same hello; a
// name that is found stands in the bytes; only the tunnel's own host passes; and what the log gets is one
// short line. The same bytes as a second hello, and as what a server answers the first with.
//
// The input: a byte for the size of the pieces, then the tunnel.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "base/ascii.hpp"
#include "egress/proxy/hello_reader.hpp"
#include "egress/proxy/server_hello_reader.hpp"

namespace {

using namespace pollux;
using namespace pollux::egress;

void must(bool holds) {
  if (!holds) std::abort();
}

using Which = HelloReader::Which;

template <class Reader>
auto in_pieces(Reader reader, std::string_view bytes, std::size_t size) {
  decltype(reader->take(bytes)) out;
  while (!bytes.empty() && !out) {
    out = reader->take(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
  return out;
}

// What the records of the tunnel carry, one behind the other.
std::string carried(std::string_view bytes) {
  std::string out;
  while (bytes.size() > 5) {
    const auto high = static_cast<unsigned char>(bytes[3]);
    const std::size_t size = high * 256U + static_cast<unsigned char>(bytes[4]);
    out += bytes.substr(5, size);
    bytes.remove_prefix(std::min(5 + size, bytes.size()));
  }
  return out;
}

void check_judge(const SeenHello& hello) {
  const Target target = parse_authority("a.example:443").value();
  for (SniCheck how : {SniCheck::kMatch, SniCheck::kStrict}) {
    Client client;
    client.sni = how;
    const auto against = judge_hello(client, target, hello, Decision{});
    const bool same = hello && hello->server_name && ascii_iequals(*hello->server_name, target.host);
    must(against.has_value() == !(same && !(how == SniCheck::kStrict && hello->encrypted)));
    if (!against) continue;
    must(!against->passes() && against->server_name.size() <= 256);
    must(std::ranges::all_of(against->server_name, [](char c) { return c > ' ' && c <= '~'; }));
  }
}

void check_hello(Which which, std::string_view bytes, std::size_t size) {
  HelloReader reader(which);
  const auto whole = reader.take(bytes);
  must(in_pieces(std::make_unique<HelloReader>(which), bytes, size) == whole);
  if (bytes.size() >= HelloReader::kMostBefore + HelloReader::kLongest) must(whole.has_value());
  if (!whole) return;
  must(reader.size() <= bytes.size());
  check_judge(*whole);
  if (!*whole) return;
  // It ends where it is said to, and is nothing without its last byte.
  must(HelloReader(which).take(bytes.substr(0, reader.size())) == whole);
  must(!HelloReader(which).take(bytes.substr(0, reader.size() - 1)));
  if ((*whole)->server_name)
    must(!(*whole)->server_name->empty() && carried(bytes).contains(*(*whole)->server_name));
}

void check_answer(std::string_view bytes, std::size_t size) {
  const auto whole = ServerHelloReader().take(bytes);
  must(in_pieces(std::make_unique<ServerHelloReader>(), bytes, size) == whole);
  // The SHA-256 of "HelloRetryRequest" ends so.
  if (whole == ServerHelloReader::Says::kAgain) must(carried(bytes).contains("\xA8\x33\x9C"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t piece = std::size_t{data[0]} + 1;
  check_hello(Which::kFirst, bytes, piece);
  check_hello(Which::kSecond, bytes, piece);
  check_answer(bytes, piece);
  return 0;
}

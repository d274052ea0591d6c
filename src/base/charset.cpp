// SPDX-License-Identifier: Apache-2.0
#include "base/charset.hpp"

#include <fmt/format.h>
#include <iconv.h>
#include <simdjson.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/ascii.hpp"

namespace pollux {
namespace {

// The encodings of the web (https://encoding.spec.whatwg.org/#names-and-labels) by the names that glibc has
// for them, and UTF-32.
constexpr std::string_view kKnown[] = {
    "utf-8",        "utf8",         "us-ascii",     "ascii",        "utf-16",       "utf-16le",
    "utf-16be",     "utf-32",       "utf-32le",     "utf-32be",     "iso-8859-1",   "latin1",
    "iso-8859-2",   "iso-8859-3",   "iso-8859-4",   "iso-8859-5",   "iso-8859-6",   "iso-8859-7",
    "iso-8859-8",   "iso-8859-10",  "iso-8859-13",  "iso-8859-14",  "iso-8859-15",  "iso-8859-16",
    "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255",
    "windows-1256", "windows-1257", "windows-1258", "cp1250",       "cp1251",       "cp1252",
    "koi8-r",       "koi8-u",       "macintosh",    "ibm850",       "ibm866",       "gbk",
    "gb2312",       "gb18030",      "big5",         "euc-jp",       "iso-2022-jp",  "shift_jis",
    "euc-kr",
};

std::string as_known(std::string_view name) {
  std::string out = ascii_lower(name.substr(0, 32));
  return std::ranges::find(kKnown, out) == std::end(kKnown) ? "" : out;
}

struct Closer {
  using pointer = iconv_t;
  void operator()(iconv_t converter) const { iconv_close(converter); }
};

}  // namespace

bool known_charset(std::string_view name) { return !as_known(name).empty(); }

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

Result<std::string> to_utf8(std::string_view text, std::string_view charset) {
  const std::string known = as_known(charset);
  // The name may be a foreign server's: nothing of it stands in the message that could not be in a name.
  std::string shown;
  for (char c : charset.substr(0, 32)) shown += c > 0x20 && c < 0x7F ? c : '?';
  iconv_t opened = known.empty() ? iconv_t(-1) : iconv_open("UTF-8", known.c_str());
  if (opened == iconv_t(-1)) {
    return fail(ErrorKind::kMalformed,
                fmt::format("the character set `{}` is not known; say what it is with `charset:`", shown));
  }
  const std::unique_ptr<void, Closer> converter(opened);
  std::string in(text);  // iconv's signature promises nothing about what it is given
  char* from = in.data();
  std::size_t left = in.size();
  std::string out;
  out.reserve(in.size() + in.size() / 8);
  char buffer[16384];
  for (bool flushed = false; !flushed;) {
    char* to = buffer;
    std::size_t room = sizeof buffer;
    // With nothing left, a second call lets the converter say what it still holds.
    flushed = left == 0;
    std::size_t done = iconv(converter.get(), flushed ? nullptr : &from, &left, &to, &room);
    int reason = errno;
    out.append(buffer, sizeof buffer - room);
    if (done != std::size_t(-1) || reason == E2BIG) continue;
    return fail(
        reason == EINVAL ? ErrorKind::kTruncated : ErrorKind::kMalformed,
        fmt::format("not {}: byte {} {}; say what it is with `charset:`", shown, text.size() - left + 1,
                    reason == EINVAL ? "begins a character that does not end" : "is none of its characters"),
        Retry::later());
  }
  return out;
}

}  // namespace pollux

// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/host_name.hpp"

#include <idn2.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "base/ascii.hpp"

namespace pollux::egress {
namespace {

constexpr std::size_t kLongestLabel = 63;
// 255 octets on the wire (RFC 1035, 2.3.4), of which the first length and the root take one each.
constexpr std::size_t kLongestName = 253;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct FreeText {
  void operator()(std::uint8_t* text) const { idn2_free(text); }
};
using Idn2Text = std::unique_ptr<std::uint8_t, FreeText>;

const std::uint8_t* bytes_of(const std::string& text) {
  return reinterpret_cast<const std::uint8_t*>(text.c_str());
}

// RFC 5891, 4.2 and 5.4: decodes, consists of permitted letters, and encodes to the same again. What only
// looks like an A-label is refused, since programs disagree about what it names.
bool is_a_label(const std::string& label) {
  std::uint8_t* out = nullptr;
  const int code = idn2_register_u8(nullptr, bytes_of(label), &out, 0);
  Idn2Text owned(out);
  return code == IDN2_OK && label == reinterpret_cast<const char*>(out);
}

std::optional<TargetFault> label_fault(const std::string& label) {
  if (label.empty()) return TargetFault::kEmptyLabel;
  if (label.size() > kLongestLabel) return TargetFault::kLongLabel;
  if (label.front() == '-' || label.back() == '-') return TargetFault::kHyphen;
  // Other labels with hyphens in third and fourth place are reserved (RFC 5890, 2.3.1) but in use:
  // r3---sn-abc.googlevideo.com.
  if (label.starts_with("xn--") && !is_a_label(label)) return TargetFault::kPunycode;
  return std::nullopt;
}

}  // namespace

std::optional<TargetFault> bad_character(std::string_view host) {
  for (char c : host) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.') continue;
    if (byte >= 0x80) return TargetFault::kNotAscii;
    if (byte < 0x20 || byte == 0x7F) return TargetFault::kControl;
    if (c == ' ') return TargetFault::kWhitespace;
    if (c == '@') return TargetFault::kUserinfo;
    if (c == '%') return TargetFault::kPercent;
    return TargetFault::kCharacter;
  }
  return std::nullopt;
}

std::expected<std::string, TargetFault> canonical_name(std::string_view text) {
  if (text.empty()) return std::unexpected(TargetFault::kEmpty);
  if (auto fault = bad_character(text)) return std::unexpected(*fault);
  if (text.ends_with('.') && !text.ends_with("..")) return std::unexpected(TargetFault::kTrailingDot);
  if (text.size() > kLongestName) return std::unexpected(TargetFault::kLongName);
  std::string out = ascii_lower(text);
  std::string label;
  for (std::size_t from = 0; from <= out.size(); from += label.size() + 1) {
    label = out.substr(from, out.find('.', from) - from);
    if (auto fault = label_fault(label)) return std::unexpected(*fault);
  }
  // Whatever inet_aton(3) or a browser takes for an address ends in a number, be it 1, 0177 or 0x7f.
  if (!is_letter(label.front()) && label.front() != '_') return std::unexpected(TargetFault::kLastLabel);
  if (label.find('_') != label.npos) return std::unexpected(TargetFault::kCharacter);
  return out;
}

std::optional<std::string> ascii_form(const std::string& utf8) {
  std::uint8_t* out = nullptr;
  const int code = idn2_lookup_u8(bytes_of(utf8), &out, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  Idn2Text owned(out);
  if (code != IDN2_OK) return std::nullopt;
  auto name = canonical_name(reinterpret_cast<const char*>(out));
  return name ? std::optional(*name) : std::nullopt;
}

}  // namespace pollux::egress

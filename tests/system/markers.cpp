// SPDX-License-Identifier: Apache-2.0
#include "tests/system/markers.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace pollux::test {
namespace {

std::string lower_case_escapes(std::string text) {
  for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%', at + 1)) {
    for (std::size_t i = at + 1; i < std::min(at + 3, text.size()); ++i)
      text[i] = text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
  }
  return text;
}

// Without the digits that the bytes before and behind have a part in.
std::string base64_inside(const std::string& secret, std::size_t before) {
  std::string all = base64(std::string(before, 'x') + secret + "xxx");
  return all.substr(4, all.size() - 4 - 8);
}

}  // namespace

std::string marker(const std::string& name) { return "Mark/" + name + "+of=a&secret\"7"; }

std::vector<std::string> forms_of(const std::string& secret) {
  std::string quoted = json_quote(secret);
  std::vector<std::string> forms{secret,
                                 percent_encode(secret),
                                 percent_encode(secret, true),
                                 lower_case_escapes(percent_encode(secret)),
                                 quoted.substr(1, quoted.size() - 2),
                                 hex(secret)};
  for (std::size_t before = 0; before < 3; ++before) forms.push_back(base64_inside(secret, before));
  return forms;
}

std::vector<std::string> found_in(std::string_view text, const std::vector<std::string>& secrets) {
  std::vector<std::string> found;
  for (const auto& secret : secrets) {
    for (const auto& form : forms_of(secret)) {
      auto at = text.find(form);
      if (at == std::string_view::npos) continue;
      auto from = at - std::min<std::size_t>(at, 200);
      found.push_back(secret + " as " + form + " in: " + std::string(text.substr(from, 400 + form.size())));
    }
  }
  return found;
}

}  // namespace pollux::test

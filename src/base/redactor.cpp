// SPDX-License-Identifier: Apache-2.0
#include "base/redactor.hpp"

#include <string.h>  // memmem is no C++

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/encoding.hpp"

namespace pollux {
namespace {

constexpr std::string_view kHidden = "***";

// The part of base64(before + secret + after) that does not depend on what stands before and after.
std::string inner_base64(const std::string& secret, std::size_t offset) {
  std::string encoded = base64(std::string(offset, 'x') + secret);
  std::size_t from = (offset * 8 + 5) / 6;
  std::size_t to = (offset + secret.size()) * 8 / 6;
  return encoded.substr(from, to - from);
}

std::vector<std::string> forms_of(const std::string& secret) {
  std::string quoted = json_quote(secret);
  std::string encoded = percent_encode(secret);
  std::vector<std::string> forms{secret, encoded, percent_encode(encoded),
                                 quoted.substr(1, quoted.size() - 2)};
  // base64 of the value, and of an address that has it in its query.
  for (std::size_t offset = 0; offset < 3; ++offset) {
    forms.push_back(inner_base64(secret, offset));
    forms.push_back(inner_base64(encoded, offset));
  }
  // The longest first: a form that contains another must be replaced whole.
  std::ranges::sort(forms, [](const auto& a, const auto& b) {
    return a.size() > b.size() || (a.size() == b.size() && a < b);
  });
  auto same = std::ranges::unique(forms);
  forms.erase(same.begin(), same.end());
  return forms;
}

// memmem, which skips ahead by pairs of bytes: std::string::find stops at each byte that is like the first,
// and every body and log line is searched for every form of every secret.
std::size_t place_of(std::string_view text, const std::string& form, std::size_t from = 0) {
  if (from >= text.size()) return std::string_view::npos;
  const void* found = memmem(text.data() + from, text.size() - from, form.data(), form.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

void replace_all(std::string& text, const std::string& form) {
  for (std::size_t at = place_of(text, form); at != std::string::npos;
       at = place_of(text, form, at + kHidden.size())) {
    text.replace(at, form.size(), kHidden);
  }
}

}  // namespace

void Redactor::hide(const Secret& secret) {
  if (secret.reveal().size() < kShortest) return;
  auto forms = forms_of(secret.reveal());
  std::lock_guard lock(mutex_);
  if (std::ranges::find(lasting_, forms) == lasting_.end()) lasting_.push_back(std::move(forms));
}

void Redactor::hide_passing(const Secret& secret) {
  if (secret.reveal().size() < kShortest) return;
  auto forms = forms_of(secret.reveal());
  std::lock_guard lock(mutex_);
  pass(std::move(forms));
}

void Redactor::hide_in_use(const std::string& purpose, const Secret& secret) {
  auto forms = secret.reveal().size() < kShortest ? Forms() : forms_of(secret.reveal());
  std::lock_guard lock(mutex_);
  Forms& place = in_use_[purpose];
  if (place == forms) return;
  std::erase(passing_, forms);
  if (!place.empty()) pass(std::move(place));
  place = std::move(forms);
}

void Redactor::pass(Forms forms) {
  std::erase(passing_, forms);
  passing_.push_back(std::move(forms));
  if (passing_.size() > kPassing) passing_.pop_front();
}

std::string Redactor::redact(std::string_view text) const {
  std::string out(text);
  auto hide_all = [&](const Forms& forms) {
    for (const auto& form : forms) replace_all(out, form);
  };
  std::lock_guard lock(mutex_);
  std::ranges::for_each(lasting_, hide_all);
  std::ranges::for_each(in_use_ | std::views::values, hide_all);
  std::ranges::for_each(passing_, hide_all);
  return out;
}

bool Redactor::reveals(std::string_view text) const {
  auto stands = [&](const Forms& forms) {
    return std::ranges::any_of(forms,
                               [&](const auto& f) { return place_of(text, f) != std::string_view::npos; });
  };
  std::lock_guard lock(mutex_);
  return std::ranges::any_of(lasting_, stands) || std::ranges::any_of(in_use_ | std::views::values, stands) ||
         std::ranges::any_of(passing_, stands);
}

}  // namespace pollux

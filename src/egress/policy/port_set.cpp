// SPDX-License-Identifier: Apache-2.0
#include "egress/policy/port_set.hpp"

#include <algorithm>
#include <charconv>

namespace pollux::egress {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t out = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || text.starts_with('0')) return std::nullopt;
  return out;
}

std::optional<PortSet::Range> PortSet::parse_range(std::string_view text) {
  const auto hyphen = text.find('-');
  const auto from = parse_port(text.substr(0, hyphen));
  const auto to = hyphen == text.npos ? from : parse_port(text.substr(hyphen + 1));
  if (!from || !to || *from > *to) return std::nullopt;
  return Range{*from, *to};
}

Result<PortSet> PortSet::parse(std::string_view text) {
  std::vector<Range> ranges;
  for (std::size_t from = 0; from <= text.size();) {
    const auto comma = std::min(text.find(',', from), text.size());
    const auto range = parse_range(text.substr(from, comma - from));
    if (!range)
      return fail(ErrorKind::kUsage,
                  "ports are numbers from 1 to 65535: write them as 443, 80,443 or 8000-8100");
    ranges.push_back(*range);
    from = comma + 1;
  }
  std::ranges::sort(ranges);
  PortSet out;
  for (const Range& range : ranges) {
    const bool touches = !out.ranges_.empty() && range.from <= out.ranges_.back().to + 1;
    if (touches) out.ranges_.back().to = std::max(out.ranges_.back().to, range.to);
    if (!touches) out.ranges_.push_back(range);
  }
  return out;
}

PortSet PortSet::of_the_web() {
  PortSet out;
  out.ranges_ = {{80, 80}, {443, 443}};
  return out;
}

PortSet PortSet::of_https() {
  PortSet out;
  out.ranges_ = {{443, 443}};
  return out;
}

PortSet PortSet::all() {
  PortSet out;
  out.ranges_ = {{1, 65535}};
  return out;
}

bool PortSet::contains(std::uint16_t port) const {
  return std::ranges::any_of(ranges_, [&](const Range& r) { return r.from <= port && port <= r.to; });
}

std::string PortSet::text() const {
  std::string out;
  for (const Range& range : ranges_) {
    if (!out.empty()) out += ',';
    out += std::to_string(range.from);
    if (range.to != range.from) out += "-" + std::to_string(range.to);
  }
  return out;
}

}  // namespace pollux::egress

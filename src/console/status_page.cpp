// SPDX-License-Identifier: Apache-2.0
#include "console/status_page.hpp"

#include <algorithm>
#include <array>

#include "base/units.hpp"

namespace pollux::console {
namespace {

constexpr std::string_view kStyle = R"css(:root {
  color-scheme: light dark;
  --ink: #1b2733; --soft: #5b6b7a; --line: #d9e0e7; --paper: #f5f7f9; --card: #fff;
  --good: #17693a; --good-back: #dff3e6; --warn: #7a4b00; --warn-back: #fdeecb;
  --bad: #a1201b; --bad-back: #fbe0de; --calm: #40566b; --calm-back: #e6ecf2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e4eaf0; --soft: #9aa9b7; --line: #2d3a46; --paper: #12191f; --card: #1a232b;
    --good: #8fe0ae; --good-back: #14361f; --warn: #f5cd7a; --warn-back: #3d2d0a;
    --bad: #ffaca6; --bad-back: #441a17; --calm: #b5c5d4; --calm-back: #26323d;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 64rem; margin: 0 auto; padding: 1rem 1.25rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; padding-top: 1.75rem; }
h1 { font-size: 1.5rem; margin: 0; letter-spacing: -.01em; }
header p, footer { margin: 0; color: var(--soft); font-size: .9rem; }
article { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.25rem;
  margin-bottom: 1rem; }
article h2 { font-size: 1.1rem; margin: 0; display: flex; flex-wrap: wrap; align-items: center; gap: .6rem;
  overflow-wrap: anywhere; }
.state { font-size: .8rem; font-weight: 600; padding: .1rem .6rem; border-radius: 1rem;
  color: var(--calm); background: var(--calm-back); }
.published, .unchanged { color: var(--good); background: var(--good-back); }
.kept { color: var(--warn); background: var(--warn-back); }
.failed { color: var(--bad); background: var(--bad-back); }
.outcome { margin: .4rem 0 0; color: var(--soft); overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .5rem 1.5rem; margin: .8rem 0 0; }
dt { color: var(--soft); font-size: .8rem; }
dd { margin: 0; }
.error { margin: .8rem 0 0; padding: .5rem .8rem; border-left: 4px solid var(--bad); background: var(--bad-back);
  color: var(--ink); white-space: pre-wrap; overflow-wrap: anywhere; font: .85rem/1.45 ui-monospace, monospace; }
ul { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1rem; padding: 0; margin: .8rem 0 0; font-size: .9rem; }
a { color: inherit; }
)css";

/// A class name only for states that the style knows: the state itself is foreign text.
std::string_view class_of(std::string_view state) {
  constexpr std::array<std::string_view, 5> known = {"published", "unchanged", "kept", "failed", "skipped"};
  auto found = std::find(known.begin(), known.end(), state);
  return found == known.end() ? "waiting" : *found;
}

/// Whole seconds: tenths of them would only flicker.
std::string rough(std::chrono::seconds time) {
  return time < std::chrono::minutes(1) ? std::to_string(time.count()) + " s" : describe_duration(time);
}

/// "12 s ago", "in 3 min", with the exact time behind it.
std::string when(const std::optional<Time>& time, Time now) {
  if (!time) return "&ndash;";
  auto distance = std::chrono::floor<std::chrono::seconds>(*time - now);
  std::string words = "now";
  if (distance.count() > 0) words = "in " + rough(distance);
  if (distance.count() < 0) words = rough(-distance) + " ago";
  std::string exact = format_time(*time);
  return "<time datetime=\"" + exact + "\" title=\"" + exact + "\">" + words + "</time>";
}

std::string field(std::string_view name, const std::string& html) {
  std::string out = "<div><dt>";
  return out.append(name).append("</dt><dd>").append(html).append("</dd></div>\n");
}

/// An address that is safe to put behind a link: never javascript: or data:.
bool linkable(std::string_view url) {
  bool relative = url.starts_with('/') && !url.starts_with("//");
  return relative || url.starts_with("http://") || url.starts_with("https://");
}

std::string links(const std::vector<ObjectLink>& objects) {
  if (objects.empty()) return "";
  std::string out = "<ul aria-label=\"published objects\">\n";
  for (const auto& object : objects) {
    std::string name = escape_html(object.store + ": " + object.path);
    out += "<li>";
    out += linkable(object.url) ? "<a href=\"" + escape_html(object.url) + "\">" + name + "</a>" : name;
    out += "</li>\n";
  }
  return out + "</ul>\n";
}

std::string article(const PollView& poll, Time now) {
  std::string state = poll.state.empty() ? "not yet run" : poll.state;
  std::string out = "<article>\n<h2>" + escape_html(poll.name) + " <span class=\"state ";
  out.append(class_of(poll.state)).append("\">").append(escape_html(state)).append("</span>");
  if (poll.running) out += " <span class=\"state\">running</span>";
  out += "</h2>\n";
  if (!poll.outcome.empty()) out += "<p class=\"outcome\">" + escape_html(poll.outcome) + "</p>\n";
  out += "<dl>\n" + field("Last run", when(poll.last_run, now)) +
         field("Last good run", when(poll.last_ok, now)) + field("Next run", when(poll.next_run, now)) +
         field("Took", poll.duration ? escape_html(describe_duration(*poll.duration)) : "&ndash;") +
         "</dl>\n";
  if (!poll.last_error.empty()) out += "<p class=\"error\">" + escape_html(poll.last_error) + "</p>\n";
  return out + links(poll.objects) + "</article>\n";
}

std::string summary(const StatusView& status) {
  if (status.draining) return "stopping: runs that began are being finished";
  if (!status.ready) return "starting";
  auto bad = std::count_if(status.polls.begin(), status.polls.end(),
                           [](const auto& poll) { return poll.state == "kept" || poll.state == "failed"; });
  std::string polls = std::to_string(status.polls.size()) + (status.polls.size() == 1 ? " poll" : " polls");
  return bad == 0 ? polls + ", all well" : polls + ", " + std::to_string(bad) + " in trouble";
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '\0':
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string_view status_style() { return kStyle; }

std::string status_page(const StatusView& status) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Pollux</title>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"refresh\" content=\"5\">\n<link rel=\"stylesheet\" "
      "href=\"/console.css\">\n</head>\n<body>\n";
  out += "<header><h1>Pollux</h1><p>" + escape_html(summary(status)) + "</p></header>\n<main>\n";
  for (const auto& poll : status.polls) out += article(poll, status.now);
  if (status.polls.empty()) out += "<p>No poll is declared.</p>\n";
  out += "</main>\n<footer>version " + escape_html(status.version) + ", started " +
         when(status.started_at, status.now) + "; this page shows " + format_time(status.now) +
         " and reloads itself; <a href=\"/status.json\">the same as JSON</a></footer>\n</body>\n</html>\n";
  return out;
}

}  // namespace pollux::console

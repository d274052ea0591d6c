// SPDX-License-Identifier: Apache-2.0
#include "config/reader.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_set>

#include "base/encoding.hpp"
#include "base/nearest.hpp"
#include "base/redactor.hpp"

namespace pollux::config {
namespace {

constexpr std::size_t kShown = 60;

// One line, not too long, cut between characters.
std::string shortened(std::string_view text) {
  std::string out;
  for (char c : text.substr(0, kShown)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  if (text.size() > kShown) {
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80) out.pop_back();
    if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0xC0) out.pop_back();
    out += "...";
  }
  return out;
}

std::string in_backticks(std::string_view text) { return "`" + shortened(text) + "`"; }

// For a fault: what could have been meant.
std::string variables_there(const EachItem& item) {
  std::string out;
  for (const std::string& name : item.names()) {
    if (out.size() > 200) return out + ", ...";
    out += (out.empty() ? "there are " : ", ") + in_backticks(name);
  }
  return out;
}

bool earlier(const Fault& a, const Fault& b) {
  return std::tie(a.at.line, a.at.column) < std::tie(b.at.line, b.at.column);
}

}  // namespace

void Reader::fault(Mark at, std::string found, std::string expected, std::string mend) {
  fault_at(path_, at, std::move(found), std::move(expected), std::move(mend));
}

void Reader::fault_at(const std::string& path, Mark at, std::string found, std::string expected,
                      std::string mend) {
  Fault fault{file_, at, path, std::move(found), std::move(expected), std::move(mend), false};
  if (item_ != nullptr) return item_faults_.add(*item_, item_name_, std::move(fault));
  faults_.push_back(std::move(fault));
}

void Reader::warn(Mark at, std::string found, std::string expected, std::string mend) {
  warnings_.push_back({file_, at, path_, std::move(found), std::move(expected), std::move(mend), true});
}

std::string Reader::show(const Node& node, Place place) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
    case Node::Kind::kScalar:
      break;
  }
  if (place == Place::kSecret || place == Place::kHidden) return "a text (hidden)";
  if (place == Place::kAddress && node.text.find('@') != std::string::npos)
    return "a text with @ in it (hidden)";
  return node.text.empty() ? "an empty text" : in_backticks(node.text);
}

void Reader::wrong_kind(const Node& node, const std::string& expected, Place place) {
  fault(node.at, show(node, place), expected);
}

void Reader::learn_secret(const std::string& value, Mark at) {
  if (value.empty()) return;
  secrets_.emplace_back(value);
  if (value.size() >= Redactor::kShortest) return;
  warn(at, "a secret of less than 6 characters", "a longer one",
       "so short a secret is not searched for in logs, so it is not hidden there");
}

std::expected<VariableValue, PieceFault> Reader::each_value(const VariableRef& ref) const {
  std::string form = "`${each:" + ref.name + "}`";
  auto wrong = [](std::string found, std::string expected, std::string mend = "") {
    return std::unexpected(PieceFault{std::move(found), std::move(expected), std::move(mend)});
  };
  if (item_ == nullptr) return wrong(form, "a poll with `for_each`");
  NodePtr value = item_->find(ref.name);
  if (!value) {
    auto near = nearest(ref.name, item_->names());
    return wrong(form, "a variable that each item of `for_each` has",
                 near ? "did you mean `" + *near + "`?" : variables_there(*item_));
  }
  auto text = text_of(*value);
  if (text) return VariableValue{std::move(*text), item_->of().secrets.contains(value.get())};
  return wrong(form + ", which is " + show(*value), "a text or number",
               "lists, maps and null stand only by themselves, in `json` and `vars`");
}

NodePtr Reader::whole_value(const Node& node) const {
  constexpr std::string_view kBefore = "${each:";
  std::string_view text = node.text;
  if (item_ == nullptr || !text.starts_with(kBefore) || text.find('}') != text.size() - 1) return nullptr;
  return item_->find(text.substr(kBefore.size(), text.size() - kBefore.size() - 1));
}

std::optional<std::string> Reader::path_value(const Node& node, const VariableRef& ref) {
  std::size_t secrets = secrets_.size();
  auto value = value_of(node, ref, Place::kOrdinary);
  if (!value || ref.from != VariableRef::From::kEach) return value;
  for (std::string_view rest = *value; !rest.empty();) {
    std::string_view part = rest.substr(0, rest.find('/'));
    if (part == "." || part == "..") {
      fault(node.at, "`${each:" + ref.name + "}` with the path part `" + std::string(part) + "`",
            "a value that stays inside the path");
      return std::nullopt;
    }
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  }
  std::string encoded = percent_encode(*value, true);
  if (secrets_.size() > secrets) learn_secret(encoded, node.at);
  return encoded;
}

std::optional<std::string> Reader::value_of(const Node& node, const VariableRef& ref, Place place) {
  auto value = ref.from == VariableRef::From::kEach ? each_value(ref) : variables_.value_of(ref);
  if (!value) {
    fault(node.at, value.error().found, value.error().expected, value.error().mend);
    return std::nullopt;
  }
  if (value->secret) {
    learn_secret(value->text, node.at);
    if (place == Place::kPublic) {
      fault(node.at, "a secret (`${...}`) where the public reads", "a value that may be public");
    }
  }
  return std::move(value->text);
}

std::optional<std::string> Reader::fill(const Node& node, const std::vector<Piece>& pieces, Place place) {
  std::string out;
  for (const Piece& piece : pieces) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      out += *literal;
    } else if (const auto* variable = std::get_if<VariableRef>(&piece)) {
      auto value = value_of(node, *variable, place);
      if (!value) return std::nullopt;
      out += *value;
    }
  }
  return out;
}

std::optional<std::string> Reader::text(const Node& node, const std::string& expected, Place place) {
  if (!node.is(Node::Kind::kScalar)) {
    wrong_kind(node, expected, place);
    return std::nullopt;
  }
  std::optional<std::string> out = node.text;
  if (node.text.find('$') != std::string::npos) {
    auto pieces = parse_pieces(node.text, false);
    if (!pieces) {
      bool hide = place == Place::kSecret || place == Place::kHidden;
      fault(node.at, hide ? "a `${` that is not understood" : pieces.error().found, pieces.error().expected);
      return std::nullopt;
    }
    out = fill(node, *pieces, place);
  }
  if (out && place == Place::kSecret) learn_secret(*out, node.at);
  return out;
}

std::optional<Template> Reader::as_template(const Node& node, bool in_path) {
  if (!node.is(Node::Kind::kScalar)) {
    wrong_kind(node, "a text");
    return std::nullopt;
  }
  auto pieces = parse_pieces(node.text, true);
  if (!pieces) {
    fault(node.at, pieces.error().found, pieces.error().expected);
    return std::nullopt;
  }
  Template out;
  std::string literal;
  auto flush = [&] {
    if (!literal.empty()) out.parts.emplace_back(std::exchange(literal, {}));
  };
  for (Piece& piece : *pieces) {
    if (auto* part = std::get_if<std::string>(&piece)) {
      literal += *part;
    } else if (auto* variable = std::get_if<VariableRef>(&piece)) {
      auto value = in_path ? path_value(node, *variable) : value_of(node, *variable, Place::kOrdinary);
      if (!value) return std::nullopt;
      literal += *value;
    } else if (auto* step = std::get_if<Template::StepRef>(&piece)) {
      flush();
      step_uses.push_back({step->step, node.at, path_});
      out.parts.emplace_back(std::move(*step));
    } else if (auto* cursor = std::get_if<Template::CursorRef>(&piece)) {
      flush();
      cursor_uses.push_back({node.at, path_});
      out.parts.emplace_back(std::move(*cursor));
    } else {
      flush();
      out.parts.emplace_back(std::get<Template::DateRef>(piece));
    }
  }
  flush();
  return out;
}

std::vector<Fault> Reader::finished(std::vector<Fault>& faults) const {
  if (!faults.empty()) {
    Redactor redactor;
    // A set first: hide() looks through all it knows.
    std::unordered_set<std::string_view> values;
    for (const Secret& secret : secrets_) values.insert(secret.reveal());
    for (std::string_view value : values) redactor.hide(Secret(std::string(value)));
    for (Fault& fault : faults) {
      for (std::string* text : {&fault.path, &fault.found, &fault.expected, &fault.mend})
        *text = redactor.redact(*text);
    }
  }
  std::ranges::stable_sort(faults, earlier);
  return std::move(faults);
}

std::vector<Fault> Reader::take_faults() {
  item_faults_.move_to(faults_);
  return finished(faults_);
}

SharedText Reader::shared(std::string text) {
  auto known = shared_.find(text);
  if (known != shared_.end()) return known->second;
  SharedText out(std::move(text));
  shared_.emplace(out.str(), out);
  return out;
}

const std::optional<std::string>& Reader::why_unreadable(const std::filesystem::path& path) {
  auto [known, is_new] = read_.try_emplace(path);
  if (!is_new) return known->second;
  if (auto text = environment_.read(path); !text) known->second = text.error().message;
  return known->second;
}

std::vector<Fault> Reader::take_warnings() {
  // A secret that many places share is warned of once for each place, not for each variable in it.
  auto out = finished(warnings_);
  auto same = [](const Fault& a, const Fault& b) { return a.at == b.at && a.found == b.found; };
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return out;
}

std::vector<Secret> Reader::take_secrets() {
  std::unordered_set<std::string_view> seen;
  std::vector<Secret> out;
  for (const Secret& secret : secrets_) {
    if (seen.insert(secret.reveal()).second) out.push_back(secret);
  }
  return out;
}

}  // namespace pollux::config

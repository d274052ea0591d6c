// SPDX-License-Identifier: Apache-2.0
#include "config/polls_shape.hpp"

#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

#include "config/for_each_shape.hpp"
#include "config/pieces.hpp"

namespace pollux::config {
namespace {

namespace json = boost::json;

constexpr std::string_view kWhat = "a map with at least one poll";

// One reading of `polls:`.
class Expansion {
 public:
  Expansion(Reader& reader, const Shape<PollDraft>& poll, const NameRule& names, PollDrafts& out)
      : reader_(reader), poll_(poll), names_(names), out_(out) {}

  void add_one(const Node::Entry& entry);
  void add_each(const Node::Entry& entry, const Node::Entry& for_each);

 private:
  std::optional<std::string> name_of(const Node::Entry& entry);
  void add(const Node::Entry& entry, std::string name, const std::shared_ptr<const ForEach>& each,
           std::size_t index);
  bool take(const Node::Entry& entry, const std::string& name);
  void drop_known_references(std::size_t from);

  Reader& reader_;
  const Shape<PollDraft>& poll_;
  const NameRule& names_;
  PollDrafts& out_;
  std::unordered_map<std::string, std::size_t> taken_;  // by name: where in out_
  std::unordered_set<std::string> references_;          // of the for_each that is read
  std::size_t made_ = 0;
};

void Expansion::add_one(const Node::Entry& entry) {
  {
    Reader::Below below(reader_, entry.key);
    if (!names_.good(entry.key)) {
      bool varied = entry.key.find("${") != std::string::npos;
      reader_.fault(entry.key_at, "a name that cannot be", names_.what,
                    varied ? "a name with variables needs `for_each` in its poll" : "");
    }
  }
  if (take(entry, entry.key)) add(entry, entry.key, nullptr, 0);
}

void Expansion::add_each(const Node::Entry& entry, const Node::Entry& for_each) {
  ForEach each;
  each.poll = entry.key;
  {
    Reader::Below below(reader_, entry.key);
    Reader::Below inside(reader_, for_each.key);
    for_each_shape()->read(reader_, *for_each.value, each);
    if (each.axes.empty()) return;
    if (each.size() > kMostPolls - made_) {
      return reader_.fault(for_each.value->at, fmt::format("{} polls", made_ + each.size()),
                           fmt::format("at most {} polls from all `for_each` together", kMostPolls));
    }
  }
  auto shared = std::make_shared<const ForEach>(std::move(each));
  made_ += shared->size();
  references_.clear();
  out_.reserve(out_.size() + shared->size());
  for (std::size_t i = 0; i < shared->size(); ++i) {
    EachItem item(shared, i);
    std::optional<std::string> name;
    {
      Reader::ForItem scope(reader_, item, entry.key);
      Reader::Below below(reader_, entry.key);
      name = name_of(entry);
      if (name && !take(entry, *name)) continue;
    }
    std::string shown = name.value_or(entry.key);
    Reader::ForItem scope(reader_, item, shown);
    add(entry, shown, shared, i);
    if (!name) out_.pop_back();  // read all the same, for its other faults
  }
}

std::optional<std::string> Expansion::name_of(const Node::Entry& entry) {
  Node key;
  key.kind = Node::Kind::kScalar;
  key.at = entry.key_at;
  key.text = entry.key;
  std::size_t secrets = reader_.secret_count();
  auto name = reader_.text(key, names_.what, Place::kPublic);
  bool secret = reader_.secret_count() > secrets;  // has its fault
  if (!name || secret) return std::nullopt;
  if (names_.good(*name)) return name;
  key.text = *name;
  reader_.fault(entry.key_at, "the name " + Reader::show(key), names_.what);
  return std::nullopt;
}

// False where another poll has the name.
bool Expansion::take(const Node::Entry& entry, const std::string& name) {
  auto [first, is_new] = taken_.emplace(name, out_.size());
  if (is_new) return true;
  const PollDraft& other = out_[first->second].second;
  std::string where = other.each
                          ? EachItem(other.each, other.each_index).label() + " of `" + other.each->poll + "`"
                          : "in line " + std::to_string(other.at.line);
  reader_.fault(entry.key_at, fmt::format("the name `{}` a second time; the first is {}", name, where),
                "a name of its own for each poll", other.each ? "${each:#} is the item's number" : "");
  return false;
}

void Expansion::add(const Node::Entry& entry, std::string name, const std::shared_ptr<const ForEach>& each,
                    std::size_t index) {
  std::size_t references = reader_.references.size();
  Reader::Below below(reader_, name);
  PollDraft& draft = out_.emplace_back(std::move(name), PollDraft{}).second;
  draft.each = each;
  draft.each_index = index;
  poll_.read(reader_, *entry.value, draft);
  if (each) drop_known_references(references);
}

// What refers to an upstream that is not there does so for each item: it is looked up and told once.
void Expansion::drop_known_references(std::size_t from) {
  auto known = [&](const Reference& one) {
    return !references_.insert(fmt::format("{} {} {}", one.at.line, one.at.column, one.name)).second;
  };
  auto& all = reader_.references;
  auto rest = std::ranges::remove_if(all.begin() + static_cast<std::ptrdiff_t>(from), all.end(), known);
  all.erase(rest.begin(), rest.end());
}

class PollsShape final : public Shape<PollDrafts> {
 public:
  void read(Reader& reader, const Node& node, PollDrafts& out) const override {
    if (!node.is(Node::Kind::kMap)) return reader.wrong_kind(node, std::string(kWhat));
    if (node.entries.empty()) return reader.fault(node.at, "an empty map", std::string(kWhat));
    Expansion expansion(reader, *poll_, names_, out);
    for (const Node::Entry& entry : node.entries) {
      if (const Node::Entry* for_each = entry.value->find("for_each")) {
        expansion.add_each(entry, *for_each);
      } else {
        expansion.add_one(entry);
      }
    }
  }

  json::object schema() const override {
    json::object needs_for_each{{"required", json::array{json::string("for_each")}}};
    json::object varied_names{{"patternProperties", json::object{{R"re(\$\{)re", needs_for_each}}}};
    return {{"type", "object"},
            {"minProperties", 1},
            {"propertyNames", json::object{{"pattern", poll_name_pattern()}}},
            {"additionalProperties", poll_->schema()},
            {"allOf", json::array{varied_names}}};
  }

 private:
  ShapePtr<PollDraft> poll_ = poll_shape();
  NameRule names_ = name_rule();
};

}  // namespace

ShapePtr<PollDrafts> polls_shape() { return std::make_shared<PollsShape>(); }

}  // namespace pollux::config

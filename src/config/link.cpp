// SPDX-License-Identifier: Apache-2.0
#include "config/link.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>

#include "base/nearest.hpp"

namespace pollux::config {
namespace {

template <class T>
std::vector<std::string> names_of(const std::map<std::string, T>& things) {
  std::vector<std::string> names;
  for (const auto& [name, thing] : things) names.push_back(name);
  return names;
}

template <class T>
void check_reference(Reader& reader, const Reference& reference, const std::map<std::string, T>& things,
                     const std::string& what) {
  if (things.contains(reference.name)) return;
  std::vector<std::string> names = names_of(things);
  std::string known;
  for (const std::string& name : names) {
    if (known.size() > 200) break;
    known += (known.empty() ? " (`" : ", `") + name + "`";
  }
  auto near = nearest(reference.name, names);
  reader.fault_at(reference.path, reference.at, "no " + what + " `" + reference.name + "`",
                  "the name of one of the " + what + "s" + (known.empty() ? "" : known + ")"),
                  near ? "did you mean `" + *near + "`?" : "");
}

void resolve_paths(const Reader& reader, File& file) {
  auto beside = [&](std::filesystem::path& path) { path = (reader.directory() / path).lexically_normal(); };
  beside(file.state);
  for (auto& [name, upstream] : file.upstreams) {
    if (upstream.ca_file) beside(*upstream.ca_file);
    if (upstream.proxy_ca_file) beside(*upstream.proxy_ca_file);
    if (!upstream.client_certificate) continue;
    beside(upstream.client_certificate->certificate);
    beside(upstream.client_certificate->key);
  }
  for (auto& [name, store] : file.stores) {
    if (auto* directory = std::get_if<DirectoryStore>(&store.kind)) beside(directory->directory);
    auto* s3 = std::get_if<S3Store>(&store.kind);
    if (s3 != nullptr && s3->ca_file) beside(*s3->ca_file);
    if (s3 != nullptr && s3->proxy_ca_file) beside(*s3->proxy_ca_file);
  }
}

// Publications by store and path.
class Published {
 public:
  explicit Published(Reader& reader) : reader_(reader) {}

  /// The poll's name and the draft must outlive it.
  void add(const Publication& publication, const std::string& poll, const PublishDraft& draft,
           bool directory) {
    auto [first, is_new] = by_path_.emplace(publication.to + '\n' + publication.path, &poll);
    if (!is_new) {
      reader_.fault_at(draft.path, draft.at,
                       "polls `" + *first->second + "` and `" + poll + "` both publish `" + publication.path +
                           "` to `" + publication.to + "`",
                       "a path of its own for each publication");
    } else if (directory) {
      directories_.emplace_back(&first->first, &draft);
    }
  }

  // In a directory "a" cannot be a file while "a/b" is one.
  void check_folders() {
    std::set<std::pair<int, int>> told;  // once for all that a for_each made
    for (const auto& [whole, draft] : directories_) {
      const std::string& key = *whole;
      for (std::size_t slash = key.rfind('/'); slash != std::string::npos && slash > 0;
           slash = key.rfind('/', slash - 1)) {
        auto file = by_path_.find(key.substr(0, slash));
        if (file == by_path_.end()) continue;
        if (!told.emplace(draft->at.line, draft->at.column).second) break;
        reader_.fault_at(draft->path, draft->at,
                         "a path below `" + key.substr(key.find('\n') + 1, slash - key.find('\n') - 1) +
                             "`, which poll `" + *file->second + "` publishes as a file",
                         "a path that is not below another one");
        break;
      }
    }
  }

 private:
  Reader& reader_;
  std::unordered_map<std::string, const std::string*> by_path_;  // store and path: the poll's name
  std::vector<std::pair<const std::string*, const PublishDraft*>> directories_;
};

// Fills in store and path where the file leaves them out.
void complete(Reader& reader, const PublishDraft& draft, const File& file, const std::string& poll,
              Publication& out) {
  if (out.path.empty()) out.path = poll + ".json";
  if (out.path == "_status.json") {
    reader.fault_at(draft.path, draft.at, "`_status.json`, from the poll's name",
                    "another `path`: that name is for the status object");
  }
  if (!out.to.empty()) return;
  if (file.stores.size() == 1) {
    out.to = file.stores.begin()->first;
  } else {
    reader.fault_at(draft.path, draft.at, "no `to`, and " + std::to_string(file.stores.size()) + " stores",
                    "`to` with the name of a store");
  }
}

// What a poll that was made of an item is called in faults: see ItemFaults.
class Made {
 public:
  Made(Reader& reader, const std::string& name, const PollDraft& draft) {
    if (!draft.each) return;
    item_.emplace(draft.each, draft.each_index);
    scope_.emplace(reader, *item_, name);
  }

 private:
  std::optional<EachItem> item_;
  std::optional<Reader::ForItem> scope_;
};

void link_polls(Reader& reader, PollDrafts& drafts, File& file) {
  Published published(reader);
  for (auto& [name, draft] : drafts) {
    Made made(reader, name, draft);
    if (draft.publish.empty()) draft.publish.push_back({{}, draft.at, "polls." + name});
    draft.poll.name = name;
    for (PublishDraft& one : draft.publish) {
      complete(reader, one, file, name, one.publication);
      auto store = file.stores.find(one.publication.to);
      bool directory =
          store != file.stores.end() && std::holds_alternative<DirectoryStore>(store->second.kind);
      if (store != file.stores.end()) published.add(one.publication, name, one, directory);
      draft.poll.publish.push_back(std::move(one.publication));
    }
    file.polls.insert_or_assign(name, std::move(draft.poll));
  }
  published.check_folders();
}

}  // namespace

File link(Reader& reader, FileDraft draft) {
  File file;
  file.state = std::move(draft.state);
  file.listen = std::move(draft.listen);
  file.log = draft.log;
  for (auto& [name, upstream] : draft.upstreams) {
    upstream.name = name;
    file.upstreams.insert_or_assign(name, std::move(upstream));
  }
  for (auto& [name, store] : draft.stores) {
    store.name = name;
    file.stores.insert_or_assign(name, std::move(store));
  }
  if (file.stores.empty()) file.stores["local"] = {"local", DirectoryStore{"public"}, {}};
  for (const Reference& reference : reader.references) {
    if (reference.to == Reference::To::kUpstream) {
      check_reference(reader, reference, file.upstreams, "upstream");
    } else {
      check_reference(reader, reference, file.stores, "store");
    }
  }
  resolve_paths(reader, file);
  link_polls(reader, draft.polls, file);
  return file;
}

}  // namespace pollux::config

// SPDX-License-Identifier: Apache-2.0
#include "egress/file/poller_shape.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "config/text_shapes.hpp"

namespace pollux::egress {
namespace {

using config::Node;
using config::Reader;

class PollerShape final : public config::Shape<PollerNeeds> {
 public:
  explicit PollerShape(PollerFile poller) : poller_(std::move(poller)) {}

  void read(Reader& reader, const Node& node, PollerNeeds& out) const override {
    std::filesystem::path path;
    path_->read(reader, node, path);
    if (path.empty()) return;
    auto needs = poller_(reader.directory() / path);
    if (!needs) {
      for (const config::Fault& fault : needs.error())
        reader.fault(node.at, fault.text(), "the file of a poller that has a proxy");
      return;
    }
    for (const config::Fault& warning : needs->warnings) reader.warn(node.at, warning.text(), "");
    for (const Secret& secret : needs->secrets) reader.learn_secret(secret.reveal(), node.at);
    out = std::move(*needs);
  }
  boost::json::object schema() const override { return path_->schema(); }

 private:
  PollerFile poller_;
  config::ShapePtr<std::filesystem::path> path_ = config::file_path();
};

std::string shown(const std::string& user) { return user.empty() ? "without a user" : "as " + user; }

}  // namespace

config::ShapePtr<PollerNeeds> poller_needs(PollerFile poller) {
  return std::make_shared<PollerShape>(std::move(poller));
}

const PollerNeeds::Visitor* visitor_of(Reader& reader, const Node& node, const PollerNeeds& needs,
                                       const std::string& user, const Secret& password) {
  const auto* written = node.find("for");
  if (written == nullptr || needs.visitors.empty()) return nullptr;  // none, or told already
  const config::Mark at = written->value->at;
  Reader::Below below(reader, "for");
  const std::string file = needs.file.filename().string();
  std::vector<std::string> users;
  for (const auto& visitor : needs.visitors) users.push_back(shown(visitor.user));
  const std::string comes = fmt::format("{} comes to its proxy {}", file, fmt::join(users, ", and "));
  if (user.empty()) {
    if (needs.visitors.size() == 1) return &needs.visitors.front();
    reader.fault(at, comes, "`user` beside it, which tells which of them this client is");
    return nullptr;
  }
  auto found = std::ranges::find(needs.visitors, user, &PollerNeeds::Visitor::user);
  if (found == needs.visitors.end()) {
    reader.fault(at, comes, fmt::format("that it comes as {}, which is `user` here", user));
    return nullptr;
  }
  if (found->password.reveal() != password.reveal()) {
    reader.fault(at, fmt::format("{} has another password for {}", file, user),
                 "the same one; without `user` and `password` it is taken from there");
    return nullptr;
  }
  return &*found;
}

}  // namespace pollux::egress

// SPDX-License-Identifier: Apache-2.0
#include "egress/file/rule_shapes.hpp"

#include <fmt/format.h>

#include <optional>

#include "config/text_shapes.hpp"
#include "egress/policy/acl_text.hpp"

namespace pollux::egress {
namespace {

using config::Node;
using config::Reader;

constexpr const char* kNetwork = "a network or an address, such as 10.0.0.0/8";
constexpr const char* kRule = "a host, *.host, address or network, with :ports behind it if need be";

class RuleShape final : public config::Shape<Rule> {
 public:
  void read(Reader& reader, const Node& node, Rule& out) const override {
    auto text = reader.text(node, kRule);
    if (!text) return;
    auto rule = parse_rule(*text);
    if (!rule) return reader.fault(node.at, rule.error().message, kRule);
    out = std::move(*rule);
    out.place = fmt::format("{}:{}", reader.file().filename().string(), node.at.line);
  }
  boost::json::object schema() const override { return {{"type", "string"}, {"minLength", 1}}; }
};

class RuleFileShape final : public config::Shape<RuleFile> {
 public:
  void read(Reader& reader, const Node& node, RuleFile& out) const override {
    path_->read(reader, node, out.path);
    if (out.path.empty()) return;
    out.path = reader.directory() / out.path;
    auto text = reader.environment().read(out.path);
    if (!text) return reader.fault(node.at, "", "a file that can be read: " + text.error().message);
    AclRules found = parse_acl_file(*text, out.path.filename().string());
    for (const AclFault& fault : found.faults)
      reader.fault(node.at, fault.text(), "a file of rules, a line each");
    out.rules = std::move(found.rules);
  }
  boost::json::object schema() const override { return path_->schema(); }

 private:
  config::ShapePtr<std::filesystem::path> path_ = config::file_path();
};

class PortSetShape final : public config::Shape<PortSet> {
 public:
  void read(Reader& reader, const Node& node, PortSet& out) const override {
    auto text = reader.text(node, "ports, such as 443 or 80,443,8000-8100");
    if (!text) return;
    auto ports = PortSet::parse(*text);
    if (!ports) return reader.fault(node.at, Reader::show(node), "ports, such as 443 or 80,443,8000-8100");
    out = std::move(*ports);
  }
  boost::json::object schema() const override {
    return {{"anyOf",
             boost::json::array{boost::json::object{{"type", "integer"}, {"minimum", 1}, {"maximum", 65535}},
                                boost::json::object{{"type", "string"}, {"pattern", "^[0-9,-]+$"}}}}};
  }
};

class NetworkShape final : public config::Shape<std::optional<Cidr>> {
 public:
  void read(Reader& reader, const Node& node, std::optional<Cidr>& out) const override {
    auto text = reader.text(node, kNetwork);
    if (!text) return;
    if (auto address = IpAddress::parse(*text)) {
      out = Cidr::only(*address);
      return;
    }
    auto network = Cidr::parse(*text);
    if (!network) return reader.fault(node.at, network.error().message, kNetwork);
    out = *network;
  }
  boost::json::object schema() const override { return {{"type", "string"}, {"minLength", 1}}; }
};

}  // namespace

config::ShapePtr<std::vector<Rule>> rules() {
  return std::make_shared<config::ListShape<Rule>>("a list of rules", std::make_shared<RuleShape>());
}

config::ShapePtr<std::vector<RuleFile>> rule_files() {
  return std::make_shared<config::ListShape<RuleFile>>("a list of files of rules",
                                                       std::make_shared<RuleFileShape>());
}

config::ShapePtr<std::vector<Cidr>> networks() {
  using Some = std::vector<std::optional<Cidr>>;
  auto list = std::make_shared<config::ListShape<std::optional<Cidr>>>("a list of networks",
                                                                       std::make_shared<NetworkShape>());
  return std::make_shared<config::InShape<Some, std::vector<Cidr>>>(
      list, [](std::vector<Cidr>& out, const Some& networks) {
        for (const auto& network : networks) {
          if (network) out.push_back(*network);
        }
      });
}

config::ShapePtr<PortSet> port_set() { return std::make_shared<PortSetShape>(); }

}  // namespace pollux::egress

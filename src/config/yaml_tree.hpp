#pragma once
// SPDX-License-Identifier: Apache-2.0
// Builds the tree of yaml_source.hpp from yaml-cpp's events, and stops early at what is too deep or too
// large. Internal to parse_yaml; one object for each text.

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "config/yaml_source.hpp"

namespace pollux::config {

class YamlTree final : public YAML::EventHandler {
 public:
  /// Thrown through yaml-cpp, which has no other way to be stopped; caught in parse_yaml.
  struct Stop {
    YamlFault fault;
  };

  explicit YamlTree(std::string_view text) : text_(text) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { close(); }

  Mark mark_of(const YAML::Mark& mark) const;
  NodePtr root() const { return root_; }
  std::vector<YamlFault>& faults() { return faults_; }

 private:
  struct Frame {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    bool merge = false;    // the key is a plain <<
    bool bad_key = false;  // the key was no text; its value is dropped
    Node::Entry entry;     // the key that waits for its value
    std::vector<Node::Entry> merged;
  };

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
  void close();
  void add(const NodePtr& node, YAML::anchor_t anchor);
  void take_key(Frame& frame, const NodePtr& node);
  void merge(Frame& frame, const NodePtr& node);
  void finish_map(Frame& frame);
  std::shared_ptr<Node> make(Node::Kind kind, const YAML::Mark& mark) const;

  std::string_view text_;
  std::vector<Frame> stack_;
  std::unordered_map<YAML::anchor_t, NodePtr> anchors_;
  std::size_t expanded_ = 0;
  NodePtr root_;
  std::vector<YamlFault> faults_;
};

}  // namespace pollux::config

#pragma once
// SPDX-License-Identifier: Apache-2.0
// The short way to "this document fits": the everyday part of JSON Schema (types, bounds, properties, items,
// enum, local $ref) compiled to a small tree, some thirty times quicker than valijson's visitors, which copy
// the path at each value. It only ever says yes: no, doubt, and any keyword that it does not know are left to
// valijson, which judges and explains. So a fault here can only be a yes too much; quick_fit_test.cpp holds
// each yes against valijson. Immutable; any thread.

#include <boost/json/value.hpp>
#include <memory>
#include <vector>

namespace pollux::check {

class QuickFit {
 public:
  /// Never sure of anything where the schema holds a keyword that it does not know.
  explicit QuickFit(const boost::json::value& schema);
  ~QuickFit();
  QuickFit(const QuickFit&) = delete;
  QuickFit& operator=(const QuickFit&) = delete;

  /// Whether it knows the whole schema.
  bool usable() const;

  /// true: it fits. false: nothing is known. Wants integral doubles as integers, as Schema::validate makes
  /// them.
  bool surely_fits(const boost::json::value& document) const;

 private:
  struct Node;
  class Compiler;
  std::vector<std::unique_ptr<Node>> nodes_;
  const Node* root_ = nullptr;
};

}  // namespace pollux::check

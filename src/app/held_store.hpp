#pragma once
// SPDX-License-Identifier: Apache-2.0
// A store that holds its objects in memory: for runs whose objects nobody is to see (`record`, `test`). Owned
// by the Runtime; io thread; never fails.

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "poll/publish/store.hpp"

namespace pollux::app {

class HeldStore final : public publish::Store {
 public:
  std::string target() const override { return "memory"; }
  Task<Result<void>> put(publish::Object object) override {
    std::string path = object.path;
    objects_.insert_or_assign(std::move(path), std::move(object));
    co_return Result<void>{};
  }
  Task<Result<std::optional<publish::Object>>> get(std::string path) override {
    auto found = objects_.find(path);
    co_return found == objects_.end() ? std::nullopt : std::optional(found->second);
  }
  Task<Result<void>> remove(std::string path) override {
    objects_.erase(path);
    co_return Result<void>{};
  }
  const std::map<std::string, publish::Object>& objects() const { return objects_; }

 private:
  std::map<std::string, publish::Object> objects_;
};

}  // namespace pollux::app

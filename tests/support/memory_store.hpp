#pragma once
// SPDX-License-Identifier: Apache-2.0
// A store for tests of what stands above stores. It passes the same contract as the real ones. Thread-safe;
// copies of it are views of the same objects.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "poll/publish/object_path.hpp"
#include "poll/publish/store.hpp"

namespace pollux::test {

class MemoryStore final : public publish::Store {
 public:
  std::string target() const override { return "memory"; }
  Task<Result<void>> put(publish::Object object) override {
    if (auto fault = publish::object_path_fault(object.path)) co_return refused(*fault);
    std::lock_guard lock(shared_->mutex);
    shared_->objects[object.path] = object;
    co_return Result<void>();
  }

  Task<Result<std::optional<publish::Object>>> get(std::string path) override {
    if (auto fault = publish::object_path_fault(path)) co_return refused(*fault);
    co_return now(path);
  }

  Task<Result<void>> remove(std::string path) override {
    if (auto fault = publish::object_path_fault(path)) co_return refused(*fault);
    std::lock_guard lock(shared_->mutex);
    shared_->objects.erase(path);
    co_return Result<void>();
  }

  /// What stands at `path`, without a coroutine.
  std::optional<publish::Object> now(const std::string& path) const {
    std::lock_guard lock(shared_->mutex);
    auto found = shared_->objects.find(path);
    return found == shared_->objects.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  static std::unexpected<Error> refused(const std::string& fault) {
    return fail(ErrorKind::kStorage, "memory: the path " + fault);
  }
  struct Shared {
    std::mutex mutex;
    std::map<std::string, publish::Object> objects;
  };
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace pollux::test

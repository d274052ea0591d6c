#pragma once
// SPDX-License-Identifier: Apache-2.0
// Where objects go. One interface, one contract suite (store_contract_test.hpp), several stores. Owned by the
// app, used on the io thread; a store that blocks does so on a pool. Whoever reads an object sees a whole
// one, the old or the new.

#include <optional>
#include <string>

#include "base/result.hpp"
#include "net/task.hpp"

namespace pollux::publish {

/// One file as the public will read it. `path` is relative, with / between its parts.
struct Object {
  std::string path;
  std::string body;  // as it is read after undoing any Content-Encoding
  std::string content_type = "application/json";
  std::string cache_control;  // empty: none
  bool operator==(const Object&) const = default;
};

/// Holds one writer's view of one object against all others': what was there when it was last read or
/// written.
struct Fence {
  std::string version;  // the store's own name for that state of the object; empty: nothing is there
};

class Store {
 public:
  virtual ~Store() = default;

  /// Where its objects go, without secrets: a store that was pointed elsewhere has nothing of what was
  /// written before.
  virtual std::string target() const = 0;

  /// Puts the object in the place of an earlier one, in one step. Errors: kStorage, kNetwork, kTimeout, kTls,
  /// kProxy, kForbidden, kCanceled; the message names the store's host, the status and the store's own error
  /// code, and never a secret.
  virtual Task<Result<void>> put(Object object) = 0;

  /// The same, but only where the object is still as `fence` says; then the fence says how it is now. kFenced
  /// where another writer was there first: nothing was overwritten. Errors besides: kUsage, a store that
  /// cannot do it. `fence` must outlive the task.
  virtual Task<Result<void>> put_fenced(Object object, Fence& fence) {
    static_cast<void>(fence);
    co_return fail(ErrorKind::kUsage,
                   "PUT " + object.path + ": this kind of store cannot tell writers apart");
  }

  /// What is there now, and in `fence` its version. Errors as get(), and kUsage. `fence` must outlive the
  /// task.
  virtual Task<Result<std::optional<Object>>> get_fenced(std::string path, Fence& fence) {
    static_cast<void>(fence);
    co_return fail(ErrorKind::kUsage, "GET " + path + ": this kind of store cannot tell writers apart");
  }

  /// What is there now, as the poller sees it; nullopt if nothing is.
  virtual Task<Result<std::optional<Object>>> get(std::string path) = 0;

  /// Takes it away; nothing to take away is a success.
  virtual Task<Result<void>> remove(std::string path) = 0;
};

}  // namespace pollux::publish

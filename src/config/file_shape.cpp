// SPDX-License-Identifier: Apache-2.0
#include "config/file_shape.hpp"

#include "config/log_shape.hpp"
#include "config/object_shape.hpp"
#include "config/store_shape.hpp"
#include "config/text_shapes.hpp"
#include "config/upstream_shape.hpp"

namespace pollux::config {
namespace {

template <class T>
ShapePtr<std::vector<std::pair<std::string, T>>> named(std::string what, ShapePtr<T> value,
                                                       std::size_t least) {
  return std::make_shared<MapShape<T>>(std::move(what), name_rule(), std::move(value), least);
}

std::unique_ptr<Shape<FileDraft>> make() {
  auto shape = std::make_unique<ObjectShape<FileDraft>>("a map with at least `upstreams` and `polls`");
  shape
      ->field("upstreams", Need::kOptional, "The APIs, by name.",
              named("a map of upstreams by name", upstream_shape(), 0), &FileDraft::upstreams)
      .field("stores", Need::kOptional,
             "Where objects go, by name; absent: one store `local`, the directory ./public.",
             named("a map with at least one store", store_shape(), 1), &FileDraft::stores)
      .field("polls", Need::kRequired, "The scheduled work, by name.", polls_shape(), &FileDraft::polls)
      .field("state", Need::kOptional,
             "The file that holds what must survive a restart. Default .pollux/state.db.", file_path(),
             &FileDraft::state)
      .field("listen", Need::kOptional,
             "Where the daemon's own server listens. Default 127.0.0.1:8080; port 0: any free one.",
             listen_address(), &FileDraft::listen)
      .field("log", Need::kOptional, "What is logged and how.", log_shape(), &FileDraft::log);
  return shape;
}

}  // namespace

const Shape<FileDraft>& file_shape() {
  static const std::unique_ptr<Shape<FileDraft>> shape = make();
  return *shape;
}

}  // namespace pollux::config

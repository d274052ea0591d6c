// SPDX-License-Identifier: Apache-2.0
#include "config/store_shape.hpp"

#include "config/object_shape.hpp"
#include "config/s3_shape.hpp"
#include "config/text_shapes.hpp"

namespace pollux::config {
namespace {

// A store's directory is for the public: whoever serves it would serve this file, and what it knows, as well.
class StoreDirectoryShape final : public Shape<std::filesystem::path> {
 public:
  void read(Reader& reader, const Node& node, std::filesystem::path& out) const override {
    path_->read(reader, node, out);
    if (out.empty()) return;
    auto directory = (reader.directory() / out / "").lexically_normal();
    auto from_there = (reader.directory() / "pollux.yaml").lexically_normal().lexically_relative(directory);
    if (from_there.empty() || *from_there.begin() == "..") return;
    reader.fault(node.at, "a directory that holds this file",
                 "a directory of its own: everything in it is public");
  }
  boost::json::object schema() const override { return path_->schema(); }

 private:
  ShapePtr<std::filesystem::path> path_ = file_path();
};

struct Cors {
  std::vector<std::string> origins;
};

ShapePtr<Cors> cors_shape() {
  auto shape = std::make_shared<ObjectShape<Cors>>("a map with `origins`");
  shape->field<std::vector<std::string>>(
      "origins", Need::kRequired, "The sites whose pages may read the objects.",
      std::make_shared<ListShape<std::string>>("a list of origins", origin()), &Cors::origins);
  return shape;
}

}  // namespace

ShapePtr<Store> store_shape() {
  auto shape = std::make_shared<ObjectShape<Store>>("a store: a map with `directory` or `s3`");
  shape
      ->field("directory", Need::kOptional, "A directory of this machine, for the public and nothing else.",
              ShapePtr<std::filesystem::path>(std::make_shared<StoreDirectoryShape>()),
              [](Store& store, std::filesystem::path directory) {
                store.kind = DirectoryStore{std::move(directory)};
              })
      .field("s3", Need::kOptional, "A bucket of Amazon S3, or of a server that speaks its protocol.",
             s3_shape(), [](Store& store, S3Store s3) { store.kind = std::move(s3); })
      .field("cors", Need::kOptional, "Which sites may read the objects from JavaScript; absent: all.",
             cors_shape(), [](Store& store, Cors cors) { store.cors_origins = std::move(cors.origins); })
      .exactly_one({"directory", "s3"});
  return shape;
}

}  // namespace pollux::config

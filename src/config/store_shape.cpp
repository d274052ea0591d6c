// SPDX-License-Identifier: Apache-2.0
#include "config/store_shape.hpp"

#include "config/egress_shape.hpp"
#include "config/object_shape.hpp"
#include "config/text_shapes.hpp"
#include "config/upstream_shape.hpp"

namespace pollux::config {
namespace {

std::optional<std::string> from_environment(Reader& reader, const std::string& name) {
  auto value = reader.environment().variable(name);
  return value && !value->empty() ? value : std::nullopt;
}

void missing(Reader& reader, const Node& node, const std::string& key, const std::string& variable) {
  reader.fault(node.at, "no `" + key + "`",
               "the key `" + key + "` here, or the environment variable " + variable);
}

// The credentials belong together: a session token of the environment is not for a key of the file.
void complete_credentials(Reader& reader, const Node& node, S3Store& store) {
  bool own_id = node.find("access_key_id") != nullptr;
  if (!own_id) {
    auto id = from_environment(reader, "AWS_ACCESS_KEY_ID");
    if (id) {
      reader.learn_secret(*id, node.at);
      store.access_key_id = *id;
    } else {
      missing(reader, node, "access_key_id", "AWS_ACCESS_KEY_ID");
    }
  }
  if (node.find("secret_access_key") == nullptr) {
    auto secret = from_environment(reader, "AWS_SECRET_ACCESS_KEY");
    if (secret) {
      reader.learn_secret(*secret, node.at);
      store.secret_access_key = Secret(*secret);
    } else {
      missing(reader, node, "secret_access_key", "AWS_SECRET_ACCESS_KEY");
    }
  }
  auto token = own_id || node.find("session_token") != nullptr
                   ? std::nullopt
                   : from_environment(reader, "AWS_SESSION_TOKEN");
  if (token) {
    reader.learn_secret(*token, node.at);
    store.session_token = Secret(*token);
  }
}

void complete_region(Reader& reader, const Node& node, S3Store& store) {
  if (node.find("region") != nullptr) return;
  auto region = from_environment(reader, "AWS_REGION");
  if (!region) region = from_environment(reader, "AWS_DEFAULT_REGION");
  if (region) {
    store.region = *region;
  } else if (node.find("endpoint") == nullptr) {
    // Only Amazon's own address depends on it; other servers take S3Store's default.
    missing(reader, node, "region", "AWS_REGION (or AWS_DEFAULT_REGION)");
  }
}

ShapePtr<S3Store::Addressing> addressing_shape() {
  using Addressing = S3Store::Addressing;
  return word<Addressing>(
      {{"auto", Addressing::kAuto}, {"path", Addressing::kPath}, {"virtual_host", Addressing::kVirtualHost}});
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
ShapePtr<std::string> acl_shape() {
  std::vector<std::pair<std::string, std::string>> choices;
  for (const char* name :
       {"private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read",
        "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write"}) {
    choices.emplace_back(name, name);
  }
  return word<std::string>(std::move(choices));
}

ShapePtr<S3Store> s3_shape() {
  auto shape = std::make_shared<ObjectShape<S3Store>>("a map with at least `bucket`");
  shape->field("bucket", Need::kRequired, "The bucket's name.", bucket_name(), &S3Store::bucket)
      .field("region", Need::kOptional, "Its region; absent: AWS_REGION.", any_text(), &S3Store::region)
      .field("prefix", Need::kOptional, "Put before each path, such as 1.0/.", object_prefix(),
             &S3Store::prefix)
      .field("endpoint", Need::kOptional, "The server's address, where it is not Amazon's.", web_address(),
             &S3Store::endpoint)
      .field("access_key_id", Need::kOptional, "Absent: AWS_ACCESS_KEY_ID.", any_text(),
             &S3Store::access_key_id)
      .field("secret_access_key", Need::kOptional, "Absent: AWS_SECRET_ACCESS_KEY.", secret_text(),
             &S3Store::secret_access_key)
      .field("session_token", Need::kOptional, "Absent: AWS_SESSION_TOKEN.", secret_text(),
             &S3Store::session_token)
      .field("addressing", Need::kOptional,
             "Bucket in the path or in the host; auto: path for an endpoint of your own.", addressing_shape(),
             &S3Store::addressing)
      .field("acl", Need::kOptional, "A canned ACL; absent: none is sent and the bucket's policy decides.",
             acl_shape(), &S3Store::acl)
      .field("gzip", Need::kOptional, "Whether objects are stored compressed. Default true.", yes_or_no(),
             &S3Store::gzip)
      .field("timeout", Need::kOptional, "How long a request may take.", timeout_shape(), &S3Store::timeouts)
      .rule({}, complete_credentials)
      .rule({}, complete_region);
  add_egress(*shape);
  return shape;
}

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

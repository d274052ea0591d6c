// SPDX-License-Identifier: Apache-2.0
#include "config/s3_shape.hpp"

#include "config/egress_shape.hpp"
#include "config/object_shape.hpp"
#include "config/s3_keys.hpp"
#include "config/text_shapes.hpp"
#include "config/upstream_shape.hpp"

namespace pollux::config {
namespace {

void complete_region(Reader& reader, const Node& node, S3Store& store) {
  if (node.find("region") != nullptr) return;
  auto region = set_variable(reader, "AWS_REGION");
  if (!region) region = set_variable(reader, "AWS_DEFAULT_REGION");
  if (region) {
    store.region = *region;
  } else if (node.find("endpoint") == nullptr) {
    // Only Amazon's own address depends on it; other servers take S3Store's default.
    reader.fault(node.at, "no `region`",
                 "the key `region` here, or the environment variable AWS_REGION (or AWS_DEFAULT_REGION)");
  }
}

ShapePtr<S3Store::Addressing> addressing_shape() {
  using Addressing = S3Store::Addressing;
  return word<Addressing>(
      {{"auto", Addressing::kAuto}, {"path", Addressing::kPath}, {"virtual_host", Addressing::kVirtualHost}});
}

ShapePtr<S3Store::KeysFrom> keys_from_shape() {
  using From = S3Store::KeysFrom;
  return word<From>({{"auto", From::kAuto},
                     {"environment", From::kEnvironment},
                     {"web_identity", From::kWebIdentity},
                     {"profile", From::kProfile},
                     {"vcap", From::kVcap},
                     {"container", From::kContainer},
                     {"instance", From::kInstance}});
}

ShapePtr<S3Store::Checksum> checksum_shape() {
  using Checksum = S3Store::Checksum;
  return word<Checksum>(
      {{"none", Checksum::kNone}, {"crc32", Checksum::kCrc32}, {"sha256", Checksum::kSha256}});
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

}  // namespace

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
      .field(
          "credentials", Need::kOptional,
          "Where to look for keys that are not written here; auto: the environment, web_identity, profile, "
          "vcap, container, whichever is there first. Default auto.",
          keys_from_shape(), &S3Store::keys_from)
      .field("addressing", Need::kOptional,
             "Bucket in the path or in the host; auto: path for an endpoint of your own.", addressing_shape(),
             &S3Store::addressing)
      .field("acl", Need::kOptional, "A canned ACL; absent: none is sent and the bucket's policy decides.",
             acl_shape(), &S3Store::acl)
      .field("gzip", Need::kOptional, "Whether objects are stored compressed. Default true.", yes_or_no(),
             &S3Store::gzip)
      .field("encryption", Need::kOptional,
             "How the server encrypts objects; absent: as the bucket is set up.",
             word<std::string>({{"AES256", "AES256"}, {"aws:kms", "aws:kms"}}), &S3Store::encryption)
      .field("encryption_key", Need::kOptional, "The id or ARN of the KMS key; absent: the account's own.",
             any_text(), &S3Store::encryption_key)
      .field("checksum", Need::kOptional,
             "A checksum that the server looks at and keeps beside the object. Default none.",
             checksum_shape(), &S3Store::checksum)
      .field("timeout", Need::kOptional, "How long a request may take.", timeout_shape(), &S3Store::timeouts)
      .only_without("credentials", "access_key_id")
      .only_without("credentials", "secret_access_key")
      .only_with("encryption_key", "encryption")
      .rule({}, complete_region)
      .rule({}, complete_keys);
  add_egress(*shape);
  return shape;
}

}  // namespace pollux::config

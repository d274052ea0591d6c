#pragma once
// SPDX-License-Identifier: Apache-2.0
// A bucket, as the file describes it, and where the keys to it come from. Written by load() (load.hpp),
// read-only afterwards. No I/O.

#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "config/upstream.hpp"

namespace pollux::config {

/// An EC2 instance's own role, by IMDSv2:
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
struct InstanceKeys {
  std::string endpoint = "http://169.254.169.254";
};
/// A container's: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
struct ContainerKeys {
  std::string url;
  std::optional<Secret> token;       // for the Authorization header
  std::filesystem::path token_file;  // read at each renewal, in place of `token`; empty: none
};
/// A token of somebody else's (OpenID Connect), exchanged at STS (AssumeRoleWithWebIdentity):
/// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
struct WebIdentityKeys {
  std::filesystem::path token_file;  // read at each renewal: others write it anew
  std::string role_arn;
  std::string session_name;
  std::string sts;  // "https://sts.eu-west-3.amazonaws.com"; asked by the store's own way
};
/// Keys that are asked for at run time and end after a while; monostate: the store's own, which last.
using RenewedKeys = std::variant<std::monostate, InstanceKeys, ContainerKeys, WebIdentityKeys>;

struct S3Store {
  /// Where keys are looked for that the file does not hold; auto: in this order, but the instance, which
  /// nothing in the environment tells of.
  enum class KeysFrom { kAuto, kEnvironment, kWebIdentity, kProfile, kVcap, kContainer, kInstance };
  enum class Checksum { kNone, kCrc32, kSha256 };
  enum class Addressing { kAuto, kPath, kVirtualHost };  // auto: path-style for a custom endpoint
  std::string bucket;
  std::string region = "us-east-1";
  std::string prefix;    // put before each path; "" or ends as the user wrote it
  std::string endpoint;  // empty: Amazon's, from the region
  std::string access_key_id;
  Secret secret_access_key;
  std::optional<Secret> session_token;
  KeysFrom keys_from = KeysFrom::kAuto;
  RenewedKeys renewed_keys;  // in place of the three above
  Addressing addressing = Addressing::kAuto;
  std::string acl;  // canned ACL; empty: none is sent, the bucket's policy decides
  bool gzip = true;
  std::string encryption;               // "AES256", "aws:kms"; empty: as the bucket is set up
  std::string encryption_key;           // the key's id or ARN; empty: the account's own
  Checksum checksum = Checksum::kNone;  // for the server to look at, besides the signed SHA-256
  std::optional<Secret> proxy;
  std::optional<EnvironmentProxy> environment_proxy;  // in place of `proxy`
  std::optional<std::filesystem::path> proxy_ca_file;
  std::optional<std::filesystem::path> ca_file;
  Timeouts timeouts;
};

}  // namespace pollux::config

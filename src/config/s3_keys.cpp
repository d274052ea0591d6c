// SPDX-License-Identifier: Apache-2.0
#include "config/s3_keys.hpp"

#include <boost/json/parse.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <filesystem>
#include <utility>

#include "config/aws_profile.hpp"

namespace pollux::config {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;
using From = S3Store::KeysFrom;

void missing(Reader& reader, const Node& node, const std::string& key, const std::string& variable) {
  reader.fault(node.at, "no `" + key + "`",
               "the key `" + key + "` here, or the environment variable " + variable,
               "`credentials: instance` takes those of an EC2 instance");
}

void take(Reader& reader, const Node& node, S3Store& store, AwsKeys keys) {
  reader.learn_secret(keys.access_key_id, node.at);
  reader.learn_secret(keys.secret_access_key.reveal(), node.at);
  if (keys.session_token) reader.learn_secret(keys.session_token->reveal(), node.at);
  store.access_key_id = std::move(keys.access_key_id);
  store.secret_access_key = std::move(keys.secret_access_key);
  store.session_token = std::move(keys.session_token);
}

// What the file and the environment say together, key by key. They belong together: a session token of the
// environment is not for a key of the file.
void from_file_and_environment(Reader& reader, const Node& node, S3Store& store) {
  bool own_id = node.find("access_key_id") != nullptr;
  if (!own_id) {
    auto id = set_variable(reader, "AWS_ACCESS_KEY_ID");
    if (id) {
      reader.learn_secret(*id, node.at);
      store.access_key_id = *id;
    } else {
      missing(reader, node, "access_key_id", "AWS_ACCESS_KEY_ID");
    }
  }
  if (node.find("secret_access_key") == nullptr) {
    auto secret = set_variable(reader, "AWS_SECRET_ACCESS_KEY");
    if (secret) {
      reader.learn_secret(*secret, node.at);
      store.secret_access_key = Secret(*secret);
    } else {
      missing(reader, node, "secret_access_key", "AWS_SECRET_ACCESS_KEY");
    }
  }
  auto token = own_id || node.find("session_token") != nullptr ? std::nullopt
                                                               : set_variable(reader, "AWS_SESSION_TOKEN");
  if (token) {
    reader.learn_secret(*token, node.at);
    store.session_token = Secret(*token);
  }
}

std::string sts_of(const Reader& reader, const S3Store& store) {
  if (auto own = set_variable(reader, "AWS_ENDPOINT_URL_STS")) return *own;
  return "https://sts." + store.region +
         (store.region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com");
}

bool http_url(const std::string& text) {
  auto url = boost::urls::parse_uri(text);
  // RFC 3986, 3.3. Boost.URL 1.81 takes "http://127.0.0.1.example" for the address and a path ".example".
  return url && (url->encoded_path().empty() || url->encoded_path().starts_with('/')) &&
         (url->scheme() == "https" || url->scheme() == "http") && !url->encoded_host().empty() &&
         !url->has_userinfo() && !url->has_fragment();
}

// false: nothing there tells of it.
bool from_web_identity(Reader& reader, const Node& node, S3Store& store, bool asked) {
  auto file = set_variable(reader, "AWS_WEB_IDENTITY_TOKEN_FILE");
  auto role = set_variable(reader, "AWS_ROLE_ARN");
  if (!file || !role) {
    if (!asked && !file) return false;
    reader.fault(node.at, "no " + std::string(file ? "AWS_ROLE_ARN" : "AWS_WEB_IDENTITY_TOKEN_FILE"),
                 "the environment variables AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN");
    return true;
  }
  WebIdentityKeys keys{reader.directory() / *file, *role,
                       set_variable(reader, "AWS_ROLE_SESSION_NAME").value_or("pollux"),
                       sts_of(reader, store)};
  if (!http_url(keys.sts)) reader.fault(node.at, "", "AWS_ENDPOINT_URL_STS to be http(s)://host");
  store.renewed_keys = std::move(keys);
  return true;
}

bool from_profile(Reader& reader, const Node& node, S3Store& store, bool asked) {
  auto named = set_variable(reader, "AWS_SHARED_CREDENTIALS_FILE");
  auto home = set_variable(reader, "HOME");
  if (!named && !home) {
    if (asked) reader.fault(node.at, "no AWS_SHARED_CREDENTIALS_FILE", "that environment variable, or HOME");
    return asked;
  }
  const fs::path file = named ? reader.directory() / *named : fs::path(*home) / ".aws/credentials";
  auto text = reader.environment().read(file);
  auto profile = set_variable(reader, "AWS_PROFILE");
  if (!text) {
    if (!asked && !named && !profile) return false;
    reader.fault(node.at, "", "a credentials file that can be read: " + text.error().message);
    return true;
  }
  auto keys = parse_aws_profile(*text, profile.value_or("default"));
  if (!keys && !asked && !named && !profile) return false;
  if (keys) {
    take(reader, node, store, std::move(*keys));
  } else {
    reader.fault(node.at, file.string() + ": " + keys.error(),
                 "aws_access_key_id and aws_secret_access_key in the profile that AWS_PROFILE names");
  }
  return true;
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

// https://docs.cloudfoundry.org/devguide/deploy-apps/environment-variable.html#VCAP-SERVICES: label -> list
// of instances. The keys are those of the binding that names the bucket, whatever its broker calls itself.
std::optional<AwsKeys> bound_keys(const std::string& text, const std::string& bucket) {
  boost::system::error_code error;
  const json::value services = json::parse(text, error);
  if (error || !services.is_object()) return std::nullopt;
  for (const auto& [label, instances] : services.get_object()) {
    if (!instances.is_array()) continue;
    for (const json::value& instance : instances.get_array()) {
      const json::value* bound =
          instance.is_object() ? instance.get_object().if_contains("credentials") : nullptr;
      if (bound == nullptr || !bound->is_object()) continue;
      const json::object& of = bound->get_object();
      AwsKeys keys{text_of(of, "access_key_id"), Secret(text_of(of, "secret_access_key")), std::nullopt};
      if (text_of(of, "bucket") != bucket || keys.access_key_id.empty() || keys.secret_access_key.empty())
        continue;
      if (auto token = text_of(of, "session_token"); !token.empty()) keys.session_token = Secret(token);
      return keys;
    }
  }
  return std::nullopt;
}

bool from_vcap(Reader& reader, const Node& node, S3Store& store, bool asked) {
  auto services = set_variable(reader, "VCAP_SERVICES");
  auto keys = services ? bound_keys(*services, store.bucket) : std::nullopt;
  if (keys) {
    take(reader, node, store, std::move(*keys));
  } else if (asked) {
    reader.fault(node.at, "no service in VCAP_SERVICES with this bucket and keys to it",
                 "a bound service whose credentials hold bucket, access_key_id and secret_access_key");
  }
  return keys || asked;
}

// A token must not be sent in the clear to just any host. The addresses are those of ECS and EKS:
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
bool fit_for_container(const std::string& text) {
  if (!http_url(text)) return false;
  auto url = *boost::urls::parse_uri(text);
  if (url.scheme() == "https") return true;
  const std::string host(url.encoded_host());
  if (url.host_type() == boost::urls::host_type::ipv4)
    return url.host_ipv4_address().is_loopback() || host == "169.254.170.2" || host == "169.254.170.23";
  if (url.host_type() == boost::urls::host_type::ipv6)
    return url.host_ipv6_address().is_loopback() || host == "[fd00:ec2::23]";
  return host == "localhost";
}

bool from_container(Reader& reader, const Node& node, S3Store& store, bool asked) {
  auto relative = set_variable(reader, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  auto full = set_variable(reader, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!relative && !full) {
    if (asked)
      reader.fault(node.at, "no AWS_CONTAINER_CREDENTIALS_FULL_URI",
                   "that environment variable, or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    return asked;
  }
  ContainerKeys keys{relative ? "http://169.254.170.2" + *relative : *full, std::nullopt, {}};
  if (!fit_for_container(keys.url) || (relative && !relative->starts_with('/'))) {
    reader.fault(node.at, "an AWS_CONTAINER_CREDENTIALS address to which no token may go",
                 "https, a loopback address, or that of ECS or EKS");
  }
  if (auto file = set_variable(reader, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
    keys.token_file = reader.directory() / *file;
  } else if (auto token = set_variable(reader, "AWS_CONTAINER_AUTHORIZATION_TOKEN")) {
    reader.learn_secret(*token, node.at);
    keys.token = Secret(*token);
  }
  store.renewed_keys = std::move(keys);
  return true;
}

void from_instance(Reader& reader, const Node& node, S3Store& store) {
  InstanceKeys keys;
  if (auto own = set_variable(reader, "AWS_EC2_METADATA_SERVICE_ENDPOINT")) keys.endpoint = *own;
  while (keys.endpoint.ends_with('/')) keys.endpoint.pop_back();
  if (!http_url(keys.endpoint))
    reader.fault(node.at, "", "AWS_EC2_METADATA_SERVICE_ENDPOINT to be http(s)://host");
  store.renewed_keys = std::move(keys);
}

void from_wherever(Reader& reader, const Node& node, S3Store& store) {
  if (set_variable(reader, "AWS_ACCESS_KEY_ID") || set_variable(reader, "AWS_SECRET_ACCESS_KEY"))
    return from_file_and_environment(reader, node, store);
  if (from_web_identity(reader, node, store, false) || from_profile(reader, node, store, false) ||
      from_vcap(reader, node, store, false) || from_container(reader, node, store, false))
    return;
  from_file_and_environment(reader, node, store);  // says what is missing
}

}  // namespace

std::optional<std::string> set_variable(const Reader& reader, const std::string& name) {
  auto value = reader.environment().variable(name);
  return value && !value->empty() ? value : std::nullopt;
}

void complete_keys(Reader& reader, const Node& node, S3Store& store) {
  if (node.find("access_key_id") != nullptr || node.find("secret_access_key") != nullptr)
    return from_file_and_environment(reader, node, store);
  switch (store.keys_from) {
    case From::kAuto:
      return from_wherever(reader, node, store);
    case From::kEnvironment:
      return from_file_and_environment(reader, node, store);
    case From::kWebIdentity:
      from_web_identity(reader, node, store, true);
      return;
    case From::kProfile:
      from_profile(reader, node, store, true);
      return;
    case From::kVcap:
      from_vcap(reader, node, store, true);
      return;
    case From::kContainer:
      from_container(reader, node, store, true);
      return;
    case From::kInstance:
      return from_instance(reader, node, store);
  }
}

}  // namespace pollux::config

// SPDX-License-Identifier: Apache-2.0
// Where the keys of a bucket come from that the file does not hold.
#include <gmock/gmock.h>

#include "config/testdata/loading.hpp"

namespace pollux::config {
namespace {

using testdata::all_texts;
using testing::HasSubstr;
using Variables = std::map<std::string, std::string>;

class S3Keys : public testing::Test {
 protected:
  auto load(const std::string& more = "") {
    auto environment =
        testdata::fake_environment(testdata::kUp + "stores: {s: {s3: {bucket: pub, region: eu-west-3" + more +
                                   "}}}\npolls: {p: {every: 1m, fetch: {from: a}}}");
    environment.variable = [this](const std::string& name) -> std::optional<std::string> {
      auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    environment.read = [this, yaml = environment.read](const std::filesystem::path& path) {
      auto found = files.find(path.string());
      return found == files.end() ? yaml(path) : Result<std::string>(found->second);
    };
    return config::load("/etc/pollux/pollux.yaml", environment);
  }
  S3Store store(const std::string& more = "") {
    auto loaded = load(more);
    EXPECT_TRUE(loaded) << all_texts(loaded.error());
    if (!loaded) return {};
    secrets = loaded->file.secrets;
    return std::get<S3Store>(loaded->file.stores.at("s").kind);
  }
  std::string faults(const std::string& more = "") {
    auto loaded = load(more);
    return loaded ? "none" : all_texts(loaded.error());
  }

  Variables variables;
  Variables files;
  std::vector<Secret> secrets;
};

TEST_F(S3Keys, are_looked_for_in_one_order) {
  variables = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x"}};
  EXPECT_EQ(std::get<ContainerKeys>(store().renewed_keys).url, "http://169.254.170.2/v2/x");
  variables["VCAP_SERVICES"] =
      R"({"s3":[{"credentials":{"bucket":"another","access_key_id":"AKNO","secret_access_key":"no-secret"}},)"
      R"({"credentials":{"bucket":"pub","access_key_id":"AKVCAP","secret_access_key":"vcap-secret"}}]})";
  EXPECT_EQ(store().access_key_id, "AKVCAP");
  variables["HOME"] = "/home/poller";
  EXPECT_EQ(store().access_key_id, "AKVCAP") << "there is no such file";
  files["/home/poller/.aws/credentials"] =
      "[default]\naws_access_key_id=AKFILE\naws_secret_access_key=file-secret\naws_session_token=file-"
      "token\n";
  EXPECT_EQ(store().access_key_id, "AKFILE");
  EXPECT_EQ(store().session_token, Secret("file-token"));
  variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/var/run/token";
  variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/x";
  auto identity = std::get<WebIdentityKeys>(store().renewed_keys);
  EXPECT_EQ(identity.sts, "https://sts.eu-west-3.amazonaws.com");
  EXPECT_EQ(identity.token_file, "/var/run/token");
  EXPECT_EQ(identity.session_name, "pollux");
  variables["AWS_ACCESS_KEY_ID"] = "AKENV";
  variables["AWS_SECRET_ACCESS_KEY"] = "env-secret";
  EXPECT_EQ(store().access_key_id, "AKENV");
  EXPECT_EQ(store(", access_key_id: AKOWN, secret_access_key: own-secret").access_key_id, "AKOWN");
}

TEST_F(S3Keys, are_looked_for_in_one_place_where_the_file_says_so) {
  variables = {{"AWS_ACCESS_KEY_ID", "AKENV"}, {"AWS_SECRET_ACCESS_KEY", "env-secret"}};
  EXPECT_THAT(faults(", credentials: profile"), HasSubstr("AWS_SHARED_CREDENTIALS_FILE"));
  EXPECT_THAT(faults(", credentials: vcap"), HasSubstr("no service in VCAP_SERVICES with this bucket"));
  EXPECT_THAT(faults(", credentials: container"), HasSubstr("AWS_CONTAINER_CREDENTIALS_FULL_URI"));
  EXPECT_THAT(faults(", credentials: web_identity"), HasSubstr("AWS_WEB_IDENTITY_TOKEN_FILE"));
  EXPECT_EQ(store(", credentials: environment").access_key_id, "AKENV");
  auto instance = store(", credentials: instance");
  EXPECT_EQ(std::get<InstanceKeys>(instance.renewed_keys).endpoint, "http://169.254.169.254");
  EXPECT_EQ(instance.access_key_id, "");
  EXPECT_THAT(faults(", credentials: environment, access_key_id: a"), HasSubstr("credentials"));
}

TEST_F(S3Keys, of_a_bound_service_and_a_profile_are_told_to_the_redactor) {
  variables["VCAP_SERVICES"] =
      R"({"s3":[{"credentials":{"bucket":"pub","access_key_id":"AKVCAP","secret_access_key":"vcap-secret"}}]})";
  store();
  EXPECT_THAT(secrets, testing::Contains(Secret("vcap-secret")));
  variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9000/x"},
               {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-token"}};
  store();
  EXPECT_THAT(secrets, testing::Contains(Secret("container-token")));
}

TEST_F(S3Keys, fault_where_a_profile_is_named_that_is_not_there) {
  variables = {{"HOME", "/home/poller"}, {"AWS_PROFILE", "prod"}};
  EXPECT_THAT(faults(), HasSubstr("a credentials file that can be read"));
  files["/home/poller/.aws/credentials"] =
      "[default]\naws_access_key_id=A\naws_secret_access_key=hidden-one\n";
  EXPECT_THAT(faults(), HasSubstr("/home/poller/.aws/credentials: no profile [prod]"));
  EXPECT_THAT(faults(), testing::Not(HasSubstr("hidden-one")));
}

TEST_F(S3Keys, sends_a_containers_token_to_no_other_host_in_the_clear) {
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "container-token";
  auto& url = variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
  for (const char* good :
       {"http://127.0.0.1:9000/x?a=b", "http://localhost/x", "http://[::1]/x",
        "http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1", "https://keys.example/x"}) {
    url = good;
    EXPECT_EQ(faults(), "none") << good;
  }
  for (const char* bad : {"http://keys.example/x", "http://127.0.0.1.evil.example/x", "http://10.0.0.1/",
                          "http://169.254.169.254/", "ftp://127.0.0.1/x", "http://a@127.0.0.1/", "x"}) {
    url = bad;
    EXPECT_THAT(faults(), HasSubstr("to which no token may go")) << bad;
  }
  variables.erase("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "@evil.example/x";
  EXPECT_THAT(faults(), HasSubstr("to which no token may go"));
}

}  // namespace
}  // namespace pollux::config

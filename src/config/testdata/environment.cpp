// SPDX-License-Identifier: Apache-2.0
#include "base/encoding.hpp"
#include "config/testdata/files.hpp"
#include "tests/support/authority.hpp"
#include "tests/support/temp_dir.hpp"

namespace pollux::config::testdata {
namespace {

// The key file of a service account, whose key is the throw-away one of src/sign.
std::string google_key_file() {
  const std::filesystem::path pem = std::filesystem::path(POLLUX_SOURCE_DIR) / "src/sign/testdata/rsa_private.pem";
  return R"({"type":"service_account","client_email":"a@p.example","private_key":)" +
         json_quote(test::read_text(pem)) + "}\n";
}

}  // namespace

const std::map<std::string, std::string>& variables() {
  static const std::map<std::string, std::string> all{
      {"CALL_CENTER_ENVIRONMENT", "example.gov"},
      {"CALL_CENTER_CLIENT_ID", "poller"},
      {"CALL_CENTER_CLIENT_SECRET", "s3cr3t-of-the-client"},
      {"EGRESS_PROXY", "https://user:pr0xy-pass@egress.apps.internal:61443"},
      {"EN_QUEUE", "0b5e7ad5"},
      {"EMPTY", ""},
      {"API_KEY", "the-key-itself"},
      {"SHORT_KEY", "abc"},
      {"NUMBER", "7"},
      {"PERIOD", "90s"},
      {"AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"},
      {"AWS_SECRET_ACCESS_KEY", "aws-secret-access"},
      {"AWS_REGION", "eu-central-1"},
      {"VCAP_SERVICES",
       R"({"s3":[{"name":"callwait-storage","instance_name":"callwait-storage","credentials":{"bucket":"waits",)"
       R"("region":"us-gov-west-1","port":9000,"access_key_id":"vcap-id-1","nested":{"deep":"value"},)"
       R"("uri":"s3://id:vcap-password@host"}}],"user-provided":[{"name":"api","credentials":{"token":"vcap-token-1"}}]})"},
  };
  return all;
}

const std::map<std::string, std::string>& files() {
  static const test::Authority authority;
  static const test::Identity identity = authority.issue("poller");
  static const std::map<std::string, std::string> all{
      {"/etc/pollux/token", "file-token-1\n"},
      {"/etc/pollux/ca.pem", authority.certificate()},
      {"/etc/ca.pem", authority.certificate()},
      {"/etc/pollux/both.pem", identity.certificate + identity.key},
      {"/etc/pollux/key.json", google_key_file()},
      {"/etc/pollux/wait-times.schema.json", "{}"},
      {"/etc/pollux/queues.csv", "name,id,Medium Name\r\nen,7,call\r\n\"e,s\",\"8\",chat\r\n"},
      {"/etc/pollux/ragged.csv", "a,b\n1,2\n3\n"},
      {"/etc/pollux/lists.json",
       R"({"a":[{"rows":[{"n":"x","q":{"f":[1,2.50,"${API_KEY}",null]}},{"n":"y","q":[]}]}],"empty":[],"v":[1,"b"],"mixed":[1,{"a":2}]})"},
      {"/etc/pollux/broken.json", "[1,\n2,\n,3]"},
      {"/etc/pollux/twice.json", "[{\"a\":1,\n\"a\":2}]"},
      {"/run/secrets/key", "file-key-1\r\n"}};
  return all;
}

Environment fake_environment(std::string yaml) {
  Environment out;
  out.variable = [](const std::string& name) -> std::optional<std::string> {
    auto found = variables().find(name);
    return found == variables().end() ? std::nullopt : std::optional(found->second);
  };
  out.read = [yaml = std::move(yaml)](const std::filesystem::path& path) -> Result<std::string> {
    if (path == "/etc/pollux/pollux.yaml") return yaml;
    auto found = files().find(path.lexically_normal().string());
    if (found != files().end()) return found->second;
    return fail(ErrorKind::kUsage, path.string() + ": No such file or directory");
  };
  return out;
}

}  // namespace pollux::config::testdata

// SPDX-License-Identifier: Apache-2.0
// Any bytes as pollux.yaml: load() must end, with a file or with faults that can be printed and that show no
// secret.
#include <cstdint>
#include <cstdlib>

#include "config/load.hpp"
#include "config/program_place.hpp"

namespace {

constexpr std::string_view kSecret = "S3CR3T-value";

void require(bool holds) {
  if (!holds) std::abort();
}

pollux::config::Environment environment_of(std::string yaml) {
  pollux::config::Environment out;
  out.variable = [](const std::string& name) -> std::optional<std::string> {
    if (name == "KEY" || name == "AWS_ACCESS_KEY_ID" || name == "AWS_SECRET_ACCESS_KEY")
      return std::string(kSecret);
    if (name == "A" || name == "AWS_REGION") return "value";
    if (name == "VCAP_SERVICES")
      return R"({"s":[{"name":"n","credentials":{"k":"v","key":"S3CR3T-value"}}]})";
    return std::nullopt;
  };
  out.read = [yaml = std::move(yaml)](const std::filesystem::path& path) -> pollux::Result<std::string> {
    if (path == "pollux.yaml") return yaml;
    if (path == "f") return std::string(kSecret);
    if (path == "v.csv") return std::string("name,id\nen,7\n\"e\",8\n");
    if (path == "v.json")
      return std::string(R"({"l":[{"n":"x","q":{"f":[1,2.50,null]}},{"n":"y","q":[]}],"v":[1,"b"]})");
    return pollux::fail(pollux::ErrorKind::kUsage, "not there");
  };
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pollux::config;
  std::string yaml(reinterpret_cast<const char*>(data), size);
  bool literal = yaml.find(kSecret) != std::string::npos;
  auto loaded = load("pollux.yaml", environment_of(std::move(yaml)));
  if (!loaded) {
    require(!loaded.error().empty());
    for (const Fault& fault : loaded.error()) {
      require(!fault.text().empty());
      require(literal || fault.text().find(kSecret) == std::string::npos);
    }
    return 0;
  }
  const File& file = loaded->file;
  require(!file.polls.empty() && !file.stores.empty());
  for (const auto& [name, poll] : file.polls) {
    require(!poll.steps.empty() && !poll.publish.empty());
    require(file.upstreams.contains(poll.steps[0].upstream));
    require(file.stores.contains(poll.publish[0].to));
    require(place_in_file(poll.transform, 1, 1).line >= 0);
  }
  return 0;
}

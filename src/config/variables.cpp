// SPDX-License-Identifier: Apache-2.0
#include "config/variables.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cctype>

namespace pollux::config {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 4> kSecretWords{"KEY", "SECRET", "TOKEN", "PASSWORD"};

std::unexpected<PieceFault> missing(const std::string& form, std::string expected) {
  return std::unexpected(PieceFault{"`${" + form + "}`", std::move(expected)});
}

// A URL with user:password in it, whatever its variable is called.
bool holds_credentials(std::string_view text) {
  std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return false;
  std::string_view authority = text.substr(scheme + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  return authority.find('@') != std::string_view::npos;
}

// The services of that name: by instance_name, then name, then label (FACTS: label -> list of instances).
const json::value* service_of(const json::object& services, std::string_view name) {
  for (std::string_view by : {"instance_name", "name"}) {
    for (const auto& [label, instances] : services) {
      if (!instances.is_array()) continue;
      for (const json::value& instance : instances.get_array()) {
        const json::value* found = instance.is_object() ? instance.get_object().if_contains(by) : nullptr;
        if (found != nullptr && found->is_string() && found->get_string() == name) return &instance;
      }
    }
  }
  const json::value* instances = services.if_contains(name);
  bool any = instances != nullptr && instances->is_array() && !instances->get_array().empty();
  return any && instances->get_array()[0].is_object() ? &instances->get_array()[0] : nullptr;
}

// credentials.a.b.c; a key with dots in it is found as a whole too.
const json::value* credential_of(const json::value& from, std::string_view path) {
  if (!from.is_object()) return nullptr;
  if (const json::value* whole = from.get_object().if_contains(path)) return whole;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    const json::value* inner = from.get_object().if_contains(path.substr(0, dot));
    const json::value* found = inner != nullptr ? credential_of(*inner, path.substr(dot + 1)) : nullptr;
    if (found != nullptr) return found;
  }
  return nullptr;
}

}  // namespace

bool names_a_secret(std::string_view name) {
  std::string upper(name);
  std::ranges::transform(upper, upper.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return std::ranges::any_of(kSecretWords,
                             [&](std::string_view word) { return upper.find(word) != std::string::npos; });
}

std::expected<VariableValue, PieceFault> Variables::value_of(const VariableRef& ref) {
  if (ref.from == VariableRef::From::kFile) return from_file(ref.name);
  if (ref.from == VariableRef::From::kVcap) return from_vcap(ref.name);
  auto text = environment_.variable(ref.name);
  // A default stands in the file for all to read, so it is no secret by the variable's name; in a
  // credential's place it is one all the same.
  if (!text && ref.fallback) return VariableValue{*ref.fallback, holds_credentials(*ref.fallback)};
  if (!text) return missing(ref.name, "the environment variable " + ref.name + " to be set");
  return VariableValue{*text, names_a_secret(ref.name) || holds_credentials(*text)};
}

std::expected<VariableValue, PieceFault> Variables::from_file(const std::string& path) const {
  if (auto given = environment_.variable("file:" + path)) return VariableValue{std::move(*given), true};
  auto text = environment_.read(directory_ / path);
  if (!text) return missing("file:" + path, "a file that can be read: " + text.error().message);
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  return VariableValue{std::move(*text), true};
}

std::expected<VariableValue, PieceFault> Variables::from_vcap(const std::string& name) {
  std::string form = "vcap:" + name;
  if (auto given = environment_.variable(form)) {
    bool secret = names_a_secret(name.substr(name.rfind('.') + 1)) || holds_credentials(*given);
    return VariableValue{std::move(*given), secret};
  }
  if (!vcap_) {
    auto text = environment_.variable("VCAP_SERVICES");
    if (!text) return missing(form, "the environment variable VCAP_SERVICES to be set");
    boost::system::error_code error;
    vcap_ = json::parse(*text, error);
    if (error || !vcap_->is_object()) vcap_ = json::value();
  }
  if (!vcap_->is_object()) return missing(form, "VCAP_SERVICES to hold a JSON object");
  const json::value* service = nullptr;
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    const json::value* here = service_of(vcap_->get_object(), std::string_view(name).substr(0, dot));
    if (here == nullptr) continue;
    service = here;
    const json::value* credentials = here->get_object().if_contains("credentials");
    std::string key = name.substr(dot + 1);
    const json::value* found = credentials != nullptr ? credential_of(*credentials, key) : nullptr;
    if (found == nullptr || found->is_object() || found->is_array() || found->is_null()) continue;
    std::string text = found->is_string() ? std::string(found->get_string()) : json::serialize(*found);
    bool secret = names_a_secret(key) || holds_credentials(text);
    return VariableValue{std::move(text), secret};
  }
  if (service != nullptr)
    return missing(form, "a key of the service's credentials that holds a text or number");
  return missing(form, "a service that is bound (an instance name, a name or a label in VCAP_SERVICES)");
}

}  // namespace pollux::config

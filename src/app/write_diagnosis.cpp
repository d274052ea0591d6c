// SPDX-License-Identifier: Apache-2.0
// What `pollux doctor` prints.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "app/doctor.hpp"
#include "base/counted.hpp"

namespace pollux::app {
namespace {

namespace json = boost::json;

std::string_view shown(Check::Outcome outcome) {
  switch (outcome) {
    case Check::Outcome::kOk:
      return "ok";
    case Check::Outcome::kNote:
      return "note";
    case Check::Outcome::kFault:
      return "FAULT";
    case Check::Outcome::kNotTried:
      return "-";
  }
  return "";
}

std::string_view word(Check::Outcome outcome) {
  switch (outcome) {
    case Check::Outcome::kFault:
      return "fault";
    case Check::Outcome::kNotTried:
      return "not_tried";
    default:
      return shown(outcome);
  }
}

}  // namespace

std::string diagnosis_text(const std::vector<Diagnosis>& all) {
  std::string out;
  for (const Diagnosis& one : all) {
    out += fmt::format("{}, {}\n", one.of, one.address);
    for (const Check& check : one.checks) {
      out += fmt::format("  {:<5}  {:<9}  {}\n", shown(check.outcome), check.name, check.found);
      if (!check.mend.empty()) out += fmt::format("  {:<5}  {:<9}  to do: {}\n", "", "", check.mend);
    }
    out += '\n';
  }
  const std::size_t faults = count_faults(all);
  return out + fmt::format("{}: {}\n", counted(all.size(), "destination"),
                           faults == 0 ? "no fault" : counted(faults, "fault"));
}

std::string diagnosis_json(const std::vector<Diagnosis>& all) {
  json::array destinations;
  for (const Diagnosis& one : all) {
    json::array checks;
    for (const Check& check : one.checks) {
      json::object object{{"check", check.name}, {"outcome", word(check.outcome)}, {"found", check.found}};
      if (!check.mend.empty()) object["mend"] = check.mend;
      for (const auto& [name, value] : check.facts) object[name] = value;
      checks.push_back(std::move(object));
    }
    destinations.push_back({{"of", one.of}, {"address", one.address}, {"checks", std::move(checks)}});
  }
  return json::serialize(
             json::object{{"faults", count_faults(all)}, {"destinations", std::move(destinations)}}) +
         "\n";
}

}  // namespace pollux::app

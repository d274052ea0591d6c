#pragma once
// SPDX-License-Identifier: Apache-2.0
// Fills in a step's templates from the run's time and from earlier steps' answers. Pure.

#include <boost/json/value.hpp>
#include <map>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"

namespace pollux::fetch {

/// What templates may refer to.
struct Scope {
  Time at{};
  std::string zone = "UTC";
  std::map<std::string, boost::json::value> answers;  // parsed, by step; only those that somebody refers to
  std::string cursor = "null";                        // JSON, with its own digits
};

enum class Escape { kNone, kUrl };

/// Whether the text is nothing but a cursor that is null: what it is a value of is then left out.
bool is_left_out(const config::Template& text, const Scope& scope);

/// The template as text. Values of references are escaped, the author's own text is not. kMalformed when an
/// answer does not have what is referred to, or has a list or an object there.
Result<std::string> render(const config::Template& text, const Scope& scope, Escape escape);

/// "name=value&name=value", without those whose value is left out, percent-encoded whole: a query or a form
/// (application/x-www-form-urlencoded).
Result<std::string> render_pairs(const config::TemplatePairs& pairs, const Scope& scope);

/// A JSON body. A leaf that is nothing but one reference takes the value as it is, whatever its type.
Result<std::string> render_json(const config::BodyNode& body, const Scope& scope);

}  // namespace pollux::fetch

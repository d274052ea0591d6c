// SPDX-License-Identifier: Apache-2.0
#include "poll/result_shape.hpp"

#include "base/digest.hpp"
#include "base/encoding.hpp"

namespace pollux::poll {
namespace {

// Each part as a JSON string of its own: nothing of one can pass for a piece of the next.
class Parts {
 public:
  Parts& add(std::string_view part) {
    text_ += json_quote(part) + "\n";
    return *this;
  }
  Parts& add(std::size_t number) { return add(std::string_view(std::to_string(number))); }
  std::string digest() const { return sha256_hex(text_); }

 private:
  std::string text_;
};

}  // namespace

std::string result_shape(const Stages& stages, const config::Poll& poll) {
  Parts parts;
  parts.add(POLLUX_VERSION).add(poll.name).add(poll.named_steps);
  parts.add(poll.transform.jq).add(poll.transform.round_integers).add(poll.vars_json);
  for (const config::Step& step : poll.steps) {
    parts.add(step.name).add(static_cast<std::size_t>(step.expect)).add(step.charset);
    parts.add(std::string_view(&step.delimiter, 1));
  }
  auto schema = stages.schemas.find(poll.name);
  parts.add(schema == stages.schemas.end() ? "" : schema->second.digest());
  for (const config::Publication& publication : poll.publish) {
    parts.add(publication.to).add(publication.path).add(publication.cache).add(publication.content_type);
    parts.add(stages.stores.at(publication.to)->target());
  }
  return parts.digest();
}

}  // namespace pollux::poll

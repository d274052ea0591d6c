#pragma once
// SPDX-License-Identifier: Apache-2.0
// `polls:` of the file: when, what to fetch, how to transform, what to check, where to publish. What refers
// to other parts of the file stays open here and is closed by link.hpp.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/each_item.hpp"
#include "config/shape.hpp"

namespace pollux::config {

struct PublishDraft {
  Publication publication;
  Mark at;
  std::string path;  // "polls.wait-times.publish[0]"
};

struct PollDraft {
  Poll poll;
  Mark at;
  std::optional<Millis> every;
  std::optional<calendar::CronExpression> cron;
  std::string zone = "UTC";
  std::vector<PublishDraft> publish;
  std::shared_ptr<const ForEach> each;  // what it was made of; nullptr without `for_each`
  std::size_t each_index = 0;
};

ShapePtr<PollDraft> poll_shape();

}  // namespace pollux::config

#pragma once
// SPDX-License-Identifier: Apache-2.0
// How fast a store may be asked: as fast as anybody likes, until the server says SlowDown; then one request
// after the other, with a distance that doubles with each further SlowDown and halves with each success. One
// for all polls that write to the store, so that none hurries while others wait. A step function on a clock
// that is given. https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html

#include <chrono>
#include <cstddef>
#include <optional>

#include "base/clock.hpp"

namespace pollux::publish {

class S3Gate {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  S3Gate(Millis from, Millis to) : from_(from), to_(to) {}

  /// How long to wait before the next request may leave; its turn is taken. nullopt: longer than `longest`,
  /// and no turn was taken.
  std::optional<Millis> turn(Steady now, Millis longest);

  /// The server asked for less, and perhaps for how long. true: it is the first time since all was well.
  bool slowed(Steady now, std::optional<Millis> asked);

  /// A request went well.
  void passed();

  /// How far apart requests are at present.
  Millis distance() const;

 private:
  Millis from_;
  Millis to_;
  std::size_t level_ = 0;
  Steady next_{};
  Steady raised_{};
};

}  // namespace pollux::publish

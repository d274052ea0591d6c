// SPDX-License-Identifier: Apache-2.0
#include "config/log_shape.hpp"

#include "config/object_shape.hpp"
#include "config/text_shapes.hpp"

namespace pollux::config {

ShapePtr<Log> log_shape() {
  auto shape = std::make_shared<ObjectShape<Log>>("a map with `level` or `format`");
  shape
      ->field("level", Need::kOptional, "What is logged. Default info.",
              word<LogLevel>({{"debug", LogLevel::kDebug},
                              {"info", LogLevel::kInfo},
                              {"warning", LogLevel::kWarning},
                              {"error", LogLevel::kError}}),
              &Log::level)
      .field("format", Need::kOptional, "auto: text on a terminal, JSON lines elsewhere.",
             word<LogFormat>(
                 {{"auto", LogFormat::kAuto}, {"text", LogFormat::kText}, {"json", LogFormat::kJson}}),
             &Log::format);
  return shape;
}

}  // namespace pollux::config

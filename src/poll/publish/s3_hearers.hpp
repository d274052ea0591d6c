#pragma once
// SPDX-License-Identifier: Apache-2.0
// Who hears of what a store learns while it runs: new secrets, a bucket in another region, a clock that is
// wrong. Both may be absent, in tests.

#include "base/redactor.hpp"
#include "log/logger.hpp"

namespace pollux::publish {

struct S3Hearers {
  Redactor* redactor = nullptr;
  log::Logger* logger = nullptr;
};

}  // namespace pollux::publish

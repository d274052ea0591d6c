#pragma once
// SPDX-License-Identifier: Apache-2.0
// The last look at a body before it becomes public: an upstream that echoes a credential must not get it
// published. Pure; any thread (the Redactor locks).

#include <string_view>

#include "base/redactor.hpp"
#include "base/result.hpp"

namespace pollux::check {

/// kRejected where any known secret stands in `body`, in any of the forms that the Redactor knows. The
/// message says nothing of the secret.
Result<void> check_no_secret(std::string_view body, const Redactor& redactor);

}  // namespace pollux::check

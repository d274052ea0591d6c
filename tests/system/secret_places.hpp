#pragma once
// SPDX-License-Identifier: Apache-2.0
// A pollux.yaml with a secret in every place that takes one, and with polls that fail in every way while they
// hold it. The secrets are the variables V_NAME, VARS_API_KEY and the file secret.txt. Pure functions.

#include <cstddef>
#include <string>

namespace pollux::test {

std::string file_with_secrets();

/// How many polls it has.
std::size_t polls_with_secrets();

}  // namespace pollux::test

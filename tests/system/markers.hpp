#pragma once
// SPDX-License-Identifier: Apache-2.0
// Secrets that are easy to find again, and the search for them in every form in which they could get out.
// Pure functions.

#include <string>
#include <string_view>
#include <vector>

namespace pollux::test {

/// A secret with characters that each encoding changes.
std::string marker(const std::string& name);

/// The marker as it is, percent-encoded (either case), JSON-escaped, as hexadecimal digits, and what base64
/// makes of it at each of the three alignments, whatever stands around it.
std::vector<std::string> forms_of(const std::string& secret);

/// What stands in `text` of any form of any of the secrets, with some of what stands around; empty if nothing
/// does.
std::vector<std::string> found_in(std::string_view text, const std::vector<std::string>& secrets);

}  // namespace pollux::test

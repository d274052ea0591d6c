#pragma once
// SPDX-License-Identifier: Apache-2.0
// Finds numbers that jq 1.6 would change, because it keeps every number as a double: an integer beyond 2^53
// loses its last digits, 1e1000 becomes 1.797e308, 1e-400 becomes 0, and of more than 17 significant digits
// some are lost. Such a number fails the run, unless the poll says `large_integers: round`. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

namespace pollux::transform {

struct InexactNumber {
  std::string path;  // as jq writes it: .results[3].id
  std::string text;  // as it stands in the input, at most 40 characters
};

/// The first such number of a valid JSON text. On a text that is not valid it finds something or nothing, and
/// does no harm. 0.1 and 12.50 are exact enough: what was printed from a double reads back as the same
/// double.
std::optional<InexactNumber> first_inexact(std::string_view json);

/// ".results[3].id: the integer 9007199254740993 is beyond 2^53, ...": the sentence for a run that fails for
/// it.
std::string describe(const InexactNumber& number);

}  // namespace pollux::transform

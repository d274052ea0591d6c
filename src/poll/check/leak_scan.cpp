// SPDX-License-Identifier: Apache-2.0
#include "poll/check/leak_scan.hpp"

namespace pollux::check {

Result<void> check_no_secret(std::string_view body, const Redactor& redactor) {
  if (!redactor.reveals(body)) return {};
  return fail(
      ErrorKind::kRejected,
      "the result contains a secret of this file's configuration; it is not published: leave the field that "
      "holds it out of the transform");
}

}  // namespace pollux::check

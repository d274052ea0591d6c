#pragma once
// SPDX-License-Identifier: Apache-2.0
// The Link header (RFC 8288): where an answer says that the next page is. Foreign bytes in, never a failure:
// what cannot be read is no link. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

namespace pollux::fetch {

/// The first link of this relation, as it stands there, perhaps relative; relations have no case and a link
/// may have several (3.3). One with an `anchor` speaks of another page (3.2) and is passed over.
std::optional<std::string> find_link(std::string_view header, std::string_view rel);

}  // namespace pollux::fetch

#pragma once
// SPDX-License-Identifier: Apache-2.0
// The console's page: HTML made here, no script, nothing from elsewhere, its style from /console.css so that
// the Content-Security-Policy needs no exception. It reloads itself every few seconds. Every text is escaped.
// Pure functions.

#include <string>
#include <string_view>

#include "console/data_source.hpp"

namespace pollux::console {

std::string status_page(const StatusView& status);

/// The page's style sheet.
std::string_view status_style();

/// Text as it may stand in HTML, also inside a quoted attribute.
std::string escape_html(std::string_view text);

}  // namespace pollux::console

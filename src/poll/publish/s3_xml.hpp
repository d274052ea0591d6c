#pragma once
// SPDX-License-Identifier: Apache-2.0
// The little XML that S3 and STS answer with: elements without attributes, found by name. The answers are
// foreign bytes; only the text of the elements that are asked for is looked at, and only in the front of an
// answer. Pure functions.

#include <cstddef>
#include <string>
#include <string_view>

namespace pollux::publish {

/// What is looked at of an answer.
inline constexpr std::size_t kSearchedXml = 16 * 1024;

/// The text between <name> and the next </name>, as it stands there; empty if there is no such pair.
std::string_view xml_element(std::string_view xml, std::string_view name);

/// XML 1.0, 4.6: the five predefined entities; any other & stays as it is.
std::string xml_unescaped(std::string_view text);

/// An element's text as a value for a header or a query: visible ASCII, at most `longest`; empty otherwise.
std::string xml_word(std::string_view xml, std::string_view name, std::size_t longest);

}  // namespace pollux::publish

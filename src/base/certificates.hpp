#pragma once
// SPDX-License-Identifier: Apache-2.0
// A look at certificates and keys in PEM (RFC 7468) before anybody relies on them, so that a wrong file is
// found when pollux.yaml is read and not by the first request. No I/O: texts in, a verdict out. Pure
// functions; errors are kUsage and never quote a key.

#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace pollux {

/// How many there are, at least one.
Result<std::size_t> count_certificates(std::string_view pem);

/// Whether `key_pem` holds a private key that `password` opens and that belongs to the first certificate.
Result<void> check_key(std::string_view certificate_pem, std::string_view key_pem,
                       const std::optional<Secret>& password);

}  // namespace pollux

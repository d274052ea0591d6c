#pragma once
// SPDX-License-Identifier: Apache-2.0
// Answers of other kinds: a document that can be changed and asked for conditionally, JSON Lines, tables, and
// JSON in other character sets. Owned by SampleApi.

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "net/http_server.hpp"

namespace pollux::sample_api {

class Documents {
 public:
  /// The clock must outlive it.
  explicit Documents(const Clock& clock)
      : clock_(clock),
        modified_(std::chrono::floor<std::chrono::seconds>(clock.now()) - std::chrono::hours(1)) {}

  // clang-format off
  /// nullopt: no such endpoint.
  ///   /document      GET with ETag and Last-Modified (?validators=etag, last_modified or none), conditionally or not
  ///                  (RFC 9110, 13.2.2); PUT changes it
  ///   /lines         JSON Lines
  ///   /table         CSV
  ///   /table/latin1  CSV with ;
  ///   /json/latin1
  ///   /json/utf16
  // clang-format on
  std::optional<net::ServerResponse> answer(const net::ServerRequest& request);

  /// How often /document was sent, and how often it was said not to be modified.
  boost::json::object stats() const { return {{"sent", sent_}, {"not_modified", not_modified_}}; }
  void forget() { sent_ = not_modified_ = 0; }

 private:
  net::ServerResponse document(const net::ServerRequest& request);
  bool is_current(const net::ServerRequest& request, bool etags, bool dates) const;

  const Clock& clock_;
  std::string body_ = R"({"version":1})";
  std::size_t version_ = 1;
  Time modified_;
  std::size_t sent_ = 0;
  std::size_t not_modified_ = 0;
};

}  // namespace pollux::sample_api

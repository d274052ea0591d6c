#pragma once
// SPDX-License-Identifier: Apache-2.0
// Looks at each answer of an upstream beside its status: says when this machine's clock is wrong, and adds to
// a refusal what may have caused it. Owned by the session; io thread.

#include <optional>
#include <string_view>

#include "poll/fetch/authorizer.hpp"
#include "poll/fetch/clock_skew.hpp"

namespace pollux::fetch {

class AnswerWatch {
 public:
  /// Both must outlive it.
  AnswerWatch(const config::Upstream& upstream, const SessionParts& parts)
      : upstream_(upstream), parts_(parts) {}

  /// `error` is what the status meant, if it was no success; `sent` is when the request went out.
  void look(const net::HttpResponse& response, std::string_view host, Time sent, std::optional<Error>& error);

 private:
  void look_at_the_clock(Millis skew, std::string_view host);

  const config::Upstream& upstream_;
  const SessionParts& parts_;
  SkewWatch watch_;
};

}  // namespace pollux::fetch

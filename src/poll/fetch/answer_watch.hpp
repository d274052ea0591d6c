#pragma once
// SPDX-License-Identifier: Apache-2.0
// Looks at each answer of an upstream beside its status: says when this machine's clock is wrong, and adds to
// a refusal what may have caused it. Owned by the session; io thread.

#include <optional>
#include <string>

#include "poll/fetch/authorizer.hpp"
#include "poll/fetch/clock_skew.hpp"

namespace pollux::fetch {

class AnswerWatch {
 public:
  /// Both must outlive it.
  AnswerWatch(const config::Upstream& upstream, const SessionParts& parts)
      : upstream_(upstream), parts_(parts) {}

  /// `url` without credentials; `error` is what the status meant, if it was no success; `sent` is when the
  /// request went out.
  void look(const net::HttpResponse& response, const std::string& url, Time sent,
            std::optional<Error>& error);

 private:
  void warn(Millis skew, const std::string& host);

  const config::Upstream& upstream_;
  const SessionParts& parts_;
  SkewWatch watch_;
};

}  // namespace pollux::fetch

// SPDX-License-Identifier: Apache-2.0
// From what was seen to what it means.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "app/doctor.hpp"
#include "app/proxy_address.hpp"
#include "base/counted.hpp"
#include "poll/fetch/answer_origin.hpp"

namespace pollux::app {
namespace {

using Outcome = Check::Outcome;

// Who renews certificates by hand wants to hear of it before it is a fault.
constexpr auto kSoon = std::chrono::days(14);

std::string day_of(Time time) { return format_time(time).substr(0, 10); }

long days_left(const net::PeerCertificate& peer, Time now) {
  return std::chrono::floor<std::chrono::days>(peer.until - now).count();
}

/// How far the way was gone before it ended.
enum class Stage { kProxy, kProxyTls, kReach, kTls, kEnd };

class Judgement {
 public:
  Judgement(const Destination& destination, const net::Probe& seen, Time now,
            const std::vector<std::string>& variables, const std::string& file)
      : destination_(destination),
        request_(destination.request),
        seen_(seen),
        now_(now),
        variables_(variables),
        file_(file),
        host_(net::host_of(net::origin_of(request_.url))),
        https_(net::origin_of(request_.url).starts_with("https:")) {
    if (request_.way.proxy) proxy_ = proxy_address(*request_.way.proxy);
  }

  Diagnosis diagnosis() {
    out_.of = destination_.text();
    out_.address = net::origin_of(request_.url);
    const Stage ended = stage();
    say_proxy();
    if (proxy_) {
      if (proxy_->scheme == "https") judge_tls("proxy_tls", seen_.proxy_tls, ended, Stage::kProxyTls);
      judge_decision(ended);
    } else {
      judge_reach(ended);
    }
    if (https_) judge_tls("tls", seen_.tls, ended, Stage::kTls);
    if (proxy_) judge_direct();
    return std::move(out_);
  }

 private:
  // The one whose fault the error is, from what stood before it.
  Stage stage() const {
    if (!seen_.error) return Stage::kEnd;
    if (proxy_ && proxy_->scheme == "https" && seen_.connect_status == 0 && seen_.proxy_tls &&
        (seen_.proxy_tls->version.empty() || seen_.error->kind == ErrorKind::kTls))
      return Stage::kProxyTls;
    if (proxy_ && seen_.connect_status / 100 != 2 && !seen_.tls) return Stage::kProxy;
    if (seen_.tls) return Stage::kTls;
    return proxy_ ? Stage::kProxy : Stage::kReach;
  }

  Check& add(std::string name, Outcome outcome, std::string found, std::string mend = "") {
    return out_.checks.emplace_back(std::move(name), outcome, std::move(found), std::move(mend),
                                    std::vector<std::pair<std::string, std::string>>());
  }

  void say_proxy() {
    if (!proxy_) {
      const char* why = request_.proxy_for
                            ? "none: the environment names none for this address, so it goes straight"
                            : "none: it goes straight";
      add("proxy", Outcome::kNote, why).facts = {{"proxy", ""}};
      return;
    }
    // Without a password the user may be a key.
    const std::string user = proxy_->user.empty()       ? ", without a user"
                             : proxy_->password.empty() ? ", with a user"
                                                        : ", as " + proxy_->user;
    const std::string place = proxy_->scheme + "://" + proxy_->place;
    add("proxy", Outcome::kOk, place + user + (request_.proxy_for ? ", as the environment says" : ""))
        .facts = {{"proxy", place}};
  }

  void judge_decision(Stage ended) {
    if (ended == Stage::kProxyTls) {
      add("decision", Outcome::kNotTried, "not asked: nothing is told to a proxy that is not trusted");
      return;
    }
    if (ended == Stage::kProxy) {
      add("decision", Outcome::kFault, seen_.error->message, mend_of_decision(seen_.connect_status)).facts =
          status();
      return;
    }
    if (net::needs_request(request_)) return judge_answer();
    if (proxy_->is_socks()) {
      add("decision", Outcome::kOk, fmt::format("a way to {} stands", host_));
    } else {
      add("decision", Outcome::kOk, fmt::format("{} when asked for {}", seen_.connect_status, host_)).facts =
          status();
    }
  }

  // Of plain http a proxy judges each request, so one was sent.
  void judge_answer() {
    net::HttpResponse answer{seen_.status, seen_.headers, ""};
    const Error said = fetch::explained({ErrorKind::kStatus, "", Retry::never(), {}}, answer, true);
    if (said.kind == ErrorKind::kProxy || seen_.status == 407) {
      const std::string found =
          said.message.empty() ? fmt::format("the proxy {} answered 407", proxy_->place) : said.message;
      add("decision", Outcome::kFault, fmt::format("{} (HEAD http://{}/)", found, host_),
          mend_of_decision(seen_.status))
          .facts = status();
      return;
    }
    const bool well = seen_.status < 400;
    add("decision", well ? Outcome::kOk : Outcome::kNote,
        fmt::format("{} to HEAD http://{}/{}", seen_.status, host_,
                    well ? "" : ": from the server, or from a proxy that does not say so"))
        .facts = status();
  }

  std::vector<std::pair<std::string, std::string>> status() const {
    const int status = seen_.connect_status != 0 ? seen_.connect_status : seen_.status;
    return {{"proxy_status", status == 0 ? "" : std::to_string(status)}};
  }

  std::string mend_of_decision(int status) const {
    if (status == 407) return "mend the user or password of `proxy`, or give the proxy's client this one";
    if (status == 403)
      return fmt::format("allow {} there; `pollux egress --for {} --print` writes all that is needed", host_,
                         file_);
    if (status >= 500) return fmt::format("the proxy did not reach {}: look at its log", host_);
    if (status != 0) return "look at the proxy's log";
    return fmt::format("does a proxy run at {}, and may this machine connect to it?", proxy_->place);
  }

  void judge_reach(Stage ended) {
    if (ended == Stage::kReach) {
      add("reach", Outcome::kFault, seen_.error->message, "name, port, firewall; is a `proxy` needed?");
    } else {
      add("reach", Outcome::kOk, fmt::format("connected to {}", fmt::join(seen_.opened, ", ")));
    }
  }

  void judge_tls(const std::string& name, const std::optional<net::TlsSeen>& tls, Stage ended, Stage own) {
    if (ended == own) {
      std::string found = seen_.error->message;
      if (tls && tls->peer)
        found += fmt::format("; it showed {}, issued by {}, good from {} to {}", tls->peer->subject,
                             tls->peer->issuer, day_of(tls->peer->from), day_of(tls->peer->until));
      add(name, Outcome::kFault, std::move(found), mend_of_tls(tls)).facts = facts_of(tls);
    } else if (!tls || !tls->peer) {
      add(name, Outcome::kNotTried, "not tried: the way ends before it");
    } else {
      const long left = days_left(*tls->peer, now_);
      const bool soon = tls->peer->until - now_ < kSoon;
      add(name, soon ? Outcome::kNote : Outcome::kOk,
          fmt::format("{}, {}; {}, issued by {}; good until {}, {}", tls->version, tls->cipher,
                      tls->peer->subject, tls->peer->issuer, day_of(tls->peer->until),
                      left < 1 ? "less than a day" : counted(static_cast<std::uint64_t>(left), "day")),
          soon ? "it must be renewed soon" : "")
          .facts = facts_of(tls);
    }
  }

  std::string mend_of_tls(const std::optional<net::TlsSeen>& tls) const {
    if (!tls || !tls->peer) return "";
    if (tls->peer->until < now_)
      return "who runs it must renew its certificate; or is this machine's clock wrong?";
    if (tls->peer->from > now_) return "is this machine's clock wrong?";
    return tls->distrust.empty()
               ? ""
               : "`ca_file` or `proxy_ca_file` names a CA to trust, in place of the system's";
  }

  std::vector<std::pair<std::string, std::string>> facts_of(const std::optional<net::TlsSeen>& tls) const {
    if (!tls) return {};
    std::vector<std::pair<std::string, std::string>> out{{"tls_version", tls->version},
                                                         {"cipher", tls->cipher}};
    if (tls->peer) {
      out.insert(out.end(), {{"subject", tls->peer->subject},
                             {"issuer", tls->peer->issuer},
                             {"good_from", format_time(tls->peer->from)},
                             {"good_until", format_time(tls->peer->until)},
                             {"days_left", std::to_string(days_left(*tls->peer, now_))},
                             {"distrust", tls->distrust}});
    }
    return out;
  }

  // Whatever was connected to must be the proxy. Nothing else is tried: with a proxy declared, finding out
  // whether another way is open would be to take it.
  void judge_direct() {
    const auto strange =
        std::ranges::find_if_not(seen_.opened, [&](const std::string& a) { return is_proxy(a); });
    Check& check =
        strange == seen_.opened.end()
            ? add("direct", Outcome::kOk,
                  seen_.opened.empty() ? "not used and not tried: nothing was connected to"
                                       : fmt::format("not used and not tried: connected to {} alone",
                                                     fmt::join(seen_.opened, ", ")))
            : add("direct", Outcome::kFault, fmt::format("connected to {}, which is not the proxy", *strange),
                  "please report it");
    if (!request_.proxy_for && !variables_.empty())
      check.found += fmt::format("; {} of the environment play no part", fmt::join(variables_, ", "));
    check.facts = {{"connected_to", fmt::format("{}", fmt::join(seen_.opened, " "))}};
  }

  bool is_proxy(const std::string& opened) const {
    return std::ranges::find(seen_.proxy, opened) != seen_.proxy.end();
  }

  const Destination& destination_;
  const net::HttpRequest& request_;
  const net::Probe& seen_;
  Time now_;
  const std::vector<std::string>& variables_;
  const std::string& file_;
  std::string host_;
  bool https_;
  std::optional<ProxyAddress> proxy_;
  Diagnosis out_;
};

}  // namespace

Diagnosis judge(const Destination& destination, const net::Probe& seen, Time now,
                const std::vector<std::string>& variables, const std::string& file) {
  return Judgement(destination, seen, now, variables, file).diagnosis();
}

}  // namespace pollux::app

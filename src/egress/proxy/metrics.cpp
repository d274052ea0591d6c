// SPDX-License-Identifier: Apache-2.0
#include "egress/proxy/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace pollux::egress {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Registry;

Family<Counter>& counter(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Gauge>& gauge(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace

struct Metrics::Series {
  Registry registry;
  Family<Counter>& decisions =
      counter(registry, "pollux_egress_decisions_total", "Requests judged, by client, decision and reason.");
  Family<Counter>& refused = counter(registry, "pollux_egress_refused_total",
                                     "Requests that came to no decision, by the status they were answered.");
  Family<Counter>& unreached =
      counter(registry, "pollux_egress_unreached_total",
              "Allowed requests whose target was not reached or gave no good answer, by client.");
  Family<Gauge>& tunnels = gauge(registry, "pollux_egress_tunnels", "Tunnels that stand now, by client.");
  Family<Counter>& bytes =
      counter(registry, "pollux_egress_tunnel_bytes_total",
              "Bytes carried by tunnels that have ended, by client and direction as the client sees it.");
  Family<Counter>& ends =
      counter(registry, "pollux_egress_tunnels_ended_total", "Tunnels that have ended, by client and how.");
  Gauge& connections =
      gauge(registry, "pollux_egress_connections", "Clients' connections that are open now.").Add({});
};

Metrics::Metrics() : series_(std::make_unique<Series>()) {}

Metrics::~Metrics() = default;

void Metrics::decided(const Decision& decision) {
  series_->decisions
      .Add({{"client", decision.client},
            {"decision", std::string(name(decision.verdict))},
            {"reason", std::string(name(decision.reason))}})
      .Increment();
}

void Metrics::refused(int status) { series_->refused.Add({{"status", std::to_string(status)}}).Increment(); }

void Metrics::unreached(const std::string& client, const std::string& how) {
  series_->unreached.Add({{"client", client}, {"how", how}}).Increment();
}

void Metrics::tunnel_began(const std::string& client) {
  series_->tunnels.Add({{"client", client}}).Increment();
}

void Metrics::tunnel_ended(const std::string& client, const Relayed& relayed) {
  series_->tunnels.Add({{"client", client}}).Decrement();
  series_->ends.Add({{"client", client}, {"end", std::string(name(relayed.end))}}).Increment();
  series_->bytes.Add({{"client", client}, {"direction", "up"}}).Increment(static_cast<double>(relayed.up));
  series_->bytes.Add({{"client", client}, {"direction", "down"}})
      .Increment(static_cast<double>(relayed.down));
}

std::string Metrics::text(std::size_t connections) const {
  series_->connections.Set(static_cast<double>(connections));
  return prometheus::TextSerializer().Serialize(series_->registry.Collect());
}

}  // namespace pollux::egress

// SPDX-License-Identifier: Apache-2.0
#include "config/upstream_shape.hpp"

#include "config/auth_shape.hpp"
#include "config/egress_shape.hpp"
#include "config/limit_shapes.hpp"
#include "config/object_shape.hpp"
#include "config/text_shapes.hpp"

namespace pollux::config {
namespace {

using SecretPairs = std::vector<std::pair<std::string, Secret>>;

// Each hop would be a request that nobody counts.
void warn_of_unfollowed_redirects(Reader& reader, const Node& node, const Upstream& upstream) {
  const auto* written = node.find("redirects");
  if (written == nullptr || upstream.limits.empty() || upstream.redirects == Redirects::kNone) return;
  Reader::Below below(reader, "redirects");
  reader.warn(written->value->at, Reader::show(*written->value) + " beside `limits`",
              "`none`: where there are limits no redirect is followed, since each would be a request more",
              "let `url` be the final address");
}

}  // namespace

ShapePtr<Timeouts> timeout_shape() {
  auto map = std::make_shared<ObjectShape<Timeouts>>("a duration, or a map with `connect`, `total`, `stall`");
  map->field("connect", Need::kOptional, "To reach the other side. Default 5s.", duration(),
             &Timeouts::connect)
      .field("total", Need::kOptional, "For the whole request. Default 30s.", duration(), &Timeouts::total)
      .field("stall", Need::kOptional, "Without a single byte. Default 10s.", duration(), &Timeouts::stall);
  auto single = std::make_shared<InShape<Millis, Timeouts>>(
      duration(), [](Timeouts& out, Millis total) { out.total = total; });
  return std::make_shared<EitherShape<Timeouts>>([](const Node& node) { return node.is(Node::Kind::kMap); },
                                                 map, single);
}

ShapePtr<Upstream> upstream_shape() {
  auto shape = std::make_shared<ObjectShape<Upstream>>("an upstream: a map with at least `url`");
  auto headers = std::make_shared<MapShape<Secret>>("a map of headers", header_name_rule(),
                                                    secret_header_value(), 0, 0, Place::kSecret);
  auto redirects = word<Redirects>(
      {{"none", Redirects::kNone}, {"same_host", Redirects::kSameHost}, {"any", Redirects::kAny}});
  shape
      ->field("url", Need::kRequired, "The API's address; paths of requests are joined to it.", web_address(),
              &Upstream::url)
      .field("auth", Need::kOptional, "The credentials, in exactly one way.", auth_shape(), &Upstream::auth)
      .template field<SecretPairs>("headers", Need::kOptional,
                                   "Headers sent with every request; their values are kept secret.", headers,
                                   &Upstream::headers)
      .field("concurrency", Need::kOptional, "How many requests run at the same time. Default 4.",
             count(1, 1000), &Upstream::concurrency)
      .field("timeout", Need::kOptional, "How long a request may take.", timeout_shape(), &Upstream::timeouts)
      .field("retry", Need::kOptional, "What to do after a failure that may pass.", retry_shape(),
             &Upstream::retry)
      .field("redirects", Need::kOptional,
             "Which redirects are followed; none where there are `limits`. Default same_host.", redirects,
             &Upstream::redirects)
      .field("max_answer", Need::kOptional,
             "The largest answer that is taken, as it comes and as the JSON that a table becomes. Default "
             "64MiB.",
             byte_count(), &Upstream::max_answer)
      .field("limits", Need::kOptional,
             "How many requests it takes: 300/minute, by the wall clock; 100/hour sliding; 20000/day in "
             "America/Los_Angeles. Tokens, retries and pages count. Never exceeded.",
             limits_shape(), &Upstream::limits)
      .field("breaker", Need::kOptional, "When it is left alone because it fails, or `off`.", breaker_shape(),
             &Upstream::breaker)
      .rule({}, warn_of_unfollowed_redirects);
  add_egress(*shape);
  return shape;
}

}  // namespace pollux::config

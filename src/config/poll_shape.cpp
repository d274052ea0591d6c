// SPDX-License-Identifier: Apache-2.0
#include "config/poll_shape.hpp"

#include "base/encoding.hpp"
#include "config/fetch_shape.hpp"
#include "config/for_each_shape.hpp"
#include "config/history_shape.hpp"
#include "config/object_shape.hpp"
#include "config/text_shapes.hpp"
#include "config/value_shapes.hpp"

namespace pollux::config {
namespace {

ShapePtr<Transform> transform_shape() {
  auto shape = std::make_shared<ObjectShape<Transform>>("a map with `jq`");
  shape
      ->field(
          "jq", Need::kOptional, "The jq program. It sees $fetched_at, $poll, $vars and $cursor.",
          program_shape(),
          [](Transform& out, ProgramText program) { static_cast<ProgramText&>(out) = std::move(program); })
      .field("large_integers", Need::kOptional,
             "What to do with an integer that jq would change (beyond 2^53). Default fail.",
             word<bool>({{"fail", false}, {"round", true}}), &Transform::round_integers)
      .field("timeout", Need::kOptional, "How long the program may run. Default 5s.", duration(),
             &Transform::timeout)
      .field("memory", Need::kOptional, "How much memory it may use. Default 256MiB.", byte_count(),
             &Transform::memory);
  return shape;
}

// A JSON Schema beside the file: that it can be read is checked here, what it says is not.
class SchemaFileShape final : public Shape<Check> {
 public:
  void read(Reader& reader, const Node& node, Check& out) const override {
    std::filesystem::path path;
    path_->read(reader, node, path);
    if (path.empty()) return;
    out.schema = (reader.directory() / path).lexically_normal();
    out.schema_at = node.at;
    if (const auto& why = reader.why_unreadable(*out.schema)) {
      // What is expected is the same for all items of a for_each: they are told of together.
      reader.fault(node.at, Reader::show(node), "a file that can be read", *why);
    }
  }
  boost::json::object schema() const override { return path_->schema(); }

 private:
  ShapePtr<std::filesystem::path> path_ = file_path();
};

ShapePtr<Check> check_shape() {
  auto shape = std::make_shared<ObjectShape<Check>>("a map with `schema` or `stale_after`");
  shape
      ->field<Check>("schema", Need::kOptional, "A file with the JSON Schema that the result must fit.",
                     std::make_shared<SchemaFileShape>(),
                     [](Check& out, Check found) {
                       out.schema = std::move(found.schema);
                       out.schema_at = found.schema_at;
                     })
      .field("stale_after", Need::kOptional, "From what age on the published object counts as stale.",
             duration(), &Check::stale_after);
  return shape;
}

class PublishShape final : public Shape<PublishDraft> {
 public:
  PublishShape() {
    auto shape = std::make_shared<ObjectShape<Publication>>("a map with `path`");
    shape
        ->field("to", Need::kOptional, "The store; absent: the only one.",
                reference_to(Reference::To::kStore), &Publication::to)
        .field("path", Need::kOptional, "Where in the store. Default: the poll's name and .json.",
               object_path(), &Publication::path)
        .field("cache", Need::kOptional, "The Cache-Control header.", public_text(), &Publication::cache)
        .field("content_type", Need::kOptional, "The Content-Type header.", public_text(),
               &Publication::content_type);
    publication_ = shape;
  }
  void read(Reader& reader, const Node& node, PublishDraft& out) const override {
    out.at = node.at;
    out.path = reader.path();
    publication_->read(reader, node, out.publication);
  }
  boost::json::object schema() const override { return publication_->schema(); }

 private:
  ShapePtr<Publication> publication_;
};

ShapePtr<std::vector<PublishDraft>> publish_shape() {
  ShapePtr<PublishDraft> one = std::make_shared<PublishShape>();
  using Many = std::vector<PublishDraft>;
  auto list = std::make_shared<ListShape<PublishDraft>>("a publication, or a list of them", one);
  auto single = std::make_shared<InShape<PublishDraft, Many>>(
      one, [](Many& out, PublishDraft draft) { out.push_back(std::move(draft)); });
  return std::make_shared<EitherShape<Many>>([](const Node& node) { return node.is(Node::Kind::kList); },
                                             list, single);
}

// Where the period begins: stable for a name, different between names. FNV-1a, whole seconds.
Millis offset_of(const std::string& name, Millis period) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (unsigned char c : name) hash = (hash ^ c) * 1099511628211ULL;
  auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(1, period / std::chrono::seconds(1)));
  return std::chrono::seconds(hash % seconds);
}

// PollsShape has read it before it came to the poll.
class ForEachKeyShape final : public Shape<bool> {
 public:
  void read(Reader&, const Node&, bool&) const override {}
  boost::json::object schema() const override { return for_each_shape()->schema(); }
};

// The variables of a for_each over the poll's own, key by key.
std::string with_variables(const std::string& vars_json, const EachItem& item) {
  std::string out = vars_json.substr(0, vars_json.size() - 1);
  for (const auto& [name, value] : item.variables()) {
    out.append(out == "{" ? "" : ",").append(json_quote(name)) += ':';
    append_json(*value, out);
  }
  return out + "}";
}

void finish(Reader& reader, const Node& node, PollDraft& draft) {
  draft.at = node.at;
  Poll& poll = draft.poll;
  if (reader.item() != nullptr) poll.vars_json = with_variables(poll.vars_json, *reader.item());
  std::string name = reader.path().substr(std::min(reader.path().size(), std::string_view("polls.").size()));
  if (draft.every) poll.schedule = calendar::Every{*draft.every, offset_of(name, *draft.every)};
  if (draft.cron) poll.schedule = calendar::CronRule{*draft.cron, draft.zone};
  check_cursor_uses(reader, draft.poll.cursor.has_value());
  const Node::Entry* jitter = node.find("jitter");
  // A period that was refused is zero here, and has its fault already.
  if (jitter != nullptr && draft.every.value_or(Millis(0)) > Millis(0) && poll.jitter >= *draft.every) {
    Reader::Below below(reader, "jitter");
    reader.fault(jitter->value->at, "a jitter of " + format_duration(poll.jitter),
                 "less than the period of " + format_duration(*draft.every));
  }
}

}  // namespace

ShapePtr<PollDraft> poll_shape() {
  using Draft = PollDraft;
  auto shape =
      std::make_shared<ObjectShape<Draft>>("a poll: a map with at least `every` or `cron`, and `fetch`");
  shape
      ->field("every", Need::kOptional, "How often it runs: 30s, 5m, 1h. Slots do not move at a restart.",
              duration(), &Draft::every)
      .field("cron", Need::kOptional, "When it runs, as in crontab(5): \"*/5 8-20 * * MON-FRI\".", cron(),
             &Draft::cron)
      .field("tz", Need::kOptional, "The time zone of `cron`. Default UTC.", time_zone(), &Draft::zone)
      .field("jitter", Need::kOptional, "Each run starts up to this much later, by chance.", duration(),
             [](Draft& draft, Millis jitter) { draft.poll.jitter = jitter; })
      .field("fetch", Need::kRequired, "One request, or a map of named steps.", fetch_shape(),
             [](Draft& draft, Fetch fetch) {
               draft.poll.steps = std::move(fetch.steps);
               draft.poll.named_steps = fetch.named;
             })
      .field("transform", Need::kOptional, "What to make of the answers; absent: the answer as it is.",
             transform_shape(),
             [](Draft& draft, Transform transform) { draft.poll.transform = std::move(transform); })
      .field("cursor", Need::kOptional,
             "What the next run starts from, kept once the result is public: ${cursor} in requests, $cursor "
             "in jq.",
             cursor_shape(), [](Draft& draft, Cursor cursor) { draft.poll.cursor = std::move(cursor); })
      .field("window", Need::kOptional,
             "Publishes a list that grows by the result of each run (a row, or a list of rows) and forgets "
             "the oldest.",
             window_shape(), [](Draft& draft, Window window) { draft.poll.window = std::move(window); })
      .field("check", Need::kOptional, "What the result must be before it is published.", check_shape(),
             [](Draft& draft, Check check) { draft.poll.check = std::move(check); })
      .field("publish", Need::kOptional, "Where the result goes; absent: NAME.json in the only store.",
             publish_shape(), &Draft::publish)
      .field("vars", Need::kOptional, "Values for the jq program: $vars.", vars_shape(),
             [](Draft& draft, std::string vars) {
               draft.poll.vars_json = vars.empty() ? "{}" : std::move(vars);
             })
      .field<bool>(
          "for_each", Need::kOptional,
          "Makes a poll of each item: a list, a map of lists (every combination), or a JSON or CSV file. "
          "Its values are ${each:NAME} in the poll's name, its keys and requests, and $vars.NAME in jq.",
          std::make_shared<ForEachKeyShape>(), [](Draft&, bool) {})
      .exactly_one({"every", "cron"})
      .only_with("tz", "cron")
      .rule({}, finish);
  return shape;
}

}  // namespace pollux::config

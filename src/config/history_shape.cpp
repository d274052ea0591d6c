// SPDX-License-Identifier: Apache-2.0
#include "config/history_shape.hpp"

#include "config/json_path.hpp"
#include "config/object_shape.hpp"
#include "config/text_shapes.hpp"
#include "config/value_shapes.hpp"

namespace pollux::config {
namespace {

namespace json = boost::json;

void take_program(Cursor& out, ProgramText program) { static_cast<ProgramText&>(out) = std::move(program); }

// A window without a limit would grow for ever.
void check_limited(Reader& reader, const Node& node, Window&) {
  if (node.find("last") != nullptr || node.find("days") != nullptr) return;
  reader.fault(node.at, "no `last` and no `days`", "how much of its history the window keeps");
}

// `.` is a whole row: no row is known by that.
void check_places(Reader& reader, const Node& node, Window&) {
  for (const char* key : {"key", "time"}) {
    const Node::Entry* entry = node.find(key);
    if (entry == nullptr || entry->value->text != ".") continue;
    Reader::Below below(reader, key);
    reader.fault(entry->value->at, Reader::show(*entry->value), "a place in JSON such as .id");
  }
}

json::object below_the_row() {
  json::object not_all{{"not", json::object{{"enum", json::array{"."}}}}};
  return {{"properties", json::object{{"key", not_all}, {"time", not_all}}}};
}

json::object limited() {
  json::array any;
  for (const char* key : {"last", "days"}) any.emplace_back(json::object{{"required", json::array{key}}});
  return {{"anyOf", std::move(any)}};
}

}  // namespace

ShapePtr<Cursor> cursor_shape() {
  auto whole = std::make_shared<ObjectShape<Cursor>>("a jq program, or a map with `jq`");
  whole
      ->field<ProgramText>(
          "jq", Need::kRequired,
          "A jq program on what `transform` is given: where the next run goes on. null: where this "
          "one did.",
          program_shape(), take_program)
      .field("start", Need::kOptional, "The cursor before the first run. Default null.", json_value_shape(),
             &Cursor::start);
  auto only_jq = std::make_shared<InShape<ProgramText, Cursor>>(program_shape(), take_program);
  return std::make_shared<EitherShape<Cursor>>([](const Node& node) { return !node.is(Node::Kind::kScalar); },
                                               whole, only_jq);
}

ShapePtr<Window> window_shape() {
  constexpr std::size_t kMostRows = 1'000'000;
  constexpr std::size_t kMostDays = 36'525;
  auto shape = std::make_shared<ObjectShape<Window>>("a map with `last` or `days`");
  shape
      ->field("last", Need::kOptional, "How many rows are kept: the newest.", count(1, kMostRows),
              &Window::last)
      .field<std::size_t>("days", Need::kOptional, "How many days a row is kept, by `time`.",
                          count(1, kMostDays),
                          [](Window& out, std::size_t days) { out.age = std::chrono::days(days); })
      .field("time", Need::kOptional, "Where a row has its time: Unix seconds, or RFC 3339.", json_path(),
             &Window::time)
      .field("key", Need::kOptional,
             "Where a row has what it is known by: a later row with the same takes the earlier one's place.",
             json_path(), &Window::key)
      .only_with("days", "time")
      .only_with("time", "days")
      .rule(limited(), check_limited)
      .rule(below_the_row(), check_places);
  return shape;
}

void check_cursor_uses(Reader& reader, bool has_cursor) {
  for (const CursorUse& use : std::exchange(reader.cursor_uses, {})) {
    if (!has_cursor)
      reader.fault_at(use.path, use.at, "`${cursor}` in a poll without `cursor`", "`cursor` beside `fetch`");
  }
}

}  // namespace pollux::config

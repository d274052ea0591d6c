// SPDX-License-Identifier: Apache-2.0
#include "config/pages_shape.hpp"

#include "config/json_path.hpp"
#include "config/object_shape.hpp"
#include "config/text_shapes.hpp"
#include "config/value_shapes.hpp"

namespace pollux::config {
namespace {

// The keys of one kind may come in any order: `as` before `cursor`.
struct Draft {
  Pages pages;
  std::string as;
  std::size_t by = 0;
  std::size_t first = 1;
};

template <class Kind>
auto put_kind(std::string Kind::* name) {
  return
      [name](Draft& draft, std::string value) { draft.pages.next.emplace<Kind>().*name = std::move(value); };
}

template <class Kind>
auto put_place() {
  return [](Draft& draft, JsonPath at) { draft.pages.next.emplace<Kind>().at = std::move(at); };
}

void finish(Reader&, const Node&, Draft& draft) {
  auto& next = draft.pages.next;
  if (auto* cursor = std::get_if<Pages::CursorParameter>(&next)) cursor->as = draft.as;
  if (auto* offset = std::get_if<Pages::Offset>(&next)) offset->by = draft.by;
  if (auto* number = std::get_if<Pages::Number>(&next)) number->first = draft.first;
}

ShapePtr<Draft> draft_shape() {
  auto shape = std::make_shared<ObjectShape<Draft>>(
      "a map with one of `link`, `next`, `cursor`, `offset`, `page`, `jq`");
  shape
      ->field("link", Need::kOptional, "The relation of the Link header that leads on: next.", any_text(),
              put_kind(&Pages::LinkHeader::rel))
      .field("next", Need::kOptional, "Where a page has the address of the next one.", json_path(),
             put_place<Pages::NextUrl>())
      .field("cursor", Need::kOptional, "Where a page has the cursor of the next one.", json_path(),
             put_place<Pages::CursorParameter>())
      .field("as", Need::kOptional, "The query parameter that the cursor is sent as.", any_text(), &Draft::as)
      .field("offset", Need::kOptional, "The query parameter that counts items, from 0.", any_text(),
             put_kind(&Pages::Offset::as))
      .field("by", Need::kOptional, "How far `offset` moves. Default: as many items as the page had.",
             count(1, 1'000'000), &Draft::by)
      .field("page", Need::kOptional, "The query parameter that counts pages.", any_text(),
             put_kind(&Pages::Number::as))
      .field("first", Need::kOptional, "The number of the first page. Default 1.", count(0, 1'000'000),
             &Draft::first)
      .field(
          "jq", Need::kOptional,
          "A program that is given {page, number, url, headers} and makes null (the end), an address, or an "
          "object of query parameters.",
          program_shape(),
          [](Draft& draft, ProgramText program) { draft.pages.next = Pages::Program{std::move(program)}; })
      .field("items", Need::kOptional, "Where a page has its list. Default: the page is the list.",
             json_path(), [](Draft& draft, JsonPath items) { draft.pages.items = std::move(items); })
      .field("until", Need::kOptional, "A jq program that is true on the last page.", program_shape(),
             [](Draft& draft, ProgramText until) { draft.pages.until = std::move(until); })
      .field("max_pages", Need::kOptional, "More pages than this fail the run. Default 100.",
             count(1, 100'000), [](Draft& draft, std::size_t most) { draft.pages.max_pages = most; })
      .exactly_one({"link", "next", "cursor", "offset", "page", "jq"})
      .only_with("as", "cursor")
      .only_with("cursor", "as")
      .only_with("by", "offset")
      .only_with("first", "page")
      .rule({}, finish);
  return shape;
}

}  // namespace

ShapePtr<Pages> pages_shape() {
  return std::make_shared<InShape<Draft, Pages>>(
      draft_shape(), [](Pages& out, Draft draft) { out = std::move(draft.pages); });
}

void check_pages(Reader& reader, const Node& node, const Step& step) {
  if (!step.pages) return;
  const Node& at = *node.find("expect")->value;
  if (step.expect == Format::kText) reader.fault(at.at, "pages of text", "pages of json, jsonl or csv");
  bool lines = step.expect == Format::kJsonLines || step.expect == Format::kCsv;
  bool by_place = std::holds_alternative<Pages::NextUrl>(step.pages->next) ||
                  std::holds_alternative<Pages::CursorParameter>(step.pages->next) ||
                  !step.pages->items.empty();
  if (lines && by_place) {
    reader.fault(at.at, "a place in an answer that is a list of rows",
                 "paginate with `link`, `offset`, `page` or `jq`, and without `items`");
  }
}

}  // namespace pollux::config

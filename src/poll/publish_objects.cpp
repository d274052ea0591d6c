// SPDX-License-Identifier: Apache-2.0
#include "poll/publish_objects.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "poll/publish/object_path.hpp"

namespace pollux::poll {
namespace {

std::string object_key(const config::Publication& publication) {
  return publication.to + ":" + publication.path;
}

publish::Object as_object(const config::Publication& publication, const Prepared& prepared) {
  std::string type = publication.content_type.empty() ? prepared.content_type : publication.content_type;
  if (type.empty()) type = publish::content_type_of(publication.path);
  return {publication.path, prepared.body, type, publication.cache};
}

// Body, headers and place: a changed Cache-Control must reach the bucket too, and another bucket has nothing
// yet.
std::string identity(const publish::Object& object, const publish::Store& store) {
  return sha256_hex(store.target() + '\n' + object.content_type + '\n' + object.cache_control + '\n' +
                    object.body);
}

// Whatever a store says is about storing: a 403 of the bucket must not read as if the source had refused.
Error of_store(Error error, const std::string& store) {
  if (error.kind != ErrorKind::kCanceled) error.kind = ErrorKind::kStorage;
  if (error.where.empty()) error.where = "store " + store;
  return error;
}

ObjectRecord record_of(const publish::Object& object, const publish::Store& store) {
  return {identity(object, store), object.body.size()};
}

bool is_there(const Record& record, const std::string& key, const ObjectRecord& now) {
  auto last = record.objects.find(key);
  return last != record.objects.end() && last->second == now;
}

}  // namespace

bool has_news(const Stages& stages, const config::Poll& poll, const Prepared& prepared,
              const Record& record) {
  return std::ranges::any_of(poll.publish, [&](const config::Publication& publication) {
    const publish::Object object = as_object(publication, prepared);
    return !is_there(record, object_key(publication), record_of(object, *stages.stores.at(publication.to)));
  });
}

Task<Result<void>> publish_objects(const Stages& stages, const config::Poll& poll, const Prepared& prepared,
                                   RunReport& report) {
  for (const config::Publication& publication : poll.publish) {
    publish::Object object = as_object(publication, prepared);
    const std::string key = object_key(publication);
    publish::Store& store = *stages.stores.at(publication.to);
    const ObjectRecord now = record_of(object, store);
    if (is_there(report.record, key, now)) continue;
    auto put = co_await store.put(std::move(object));
    if (!put) co_return std::unexpected(of_store(put.error(), publication.to));
    report.record.objects[key] = now;
    report.written.push_back(key);
    report.bytes_out += now.bytes;
  }
  co_return Result<void>{};
}

}  // namespace pollux::poll

// SPDX-License-Identifier: Apache-2.0
#include "poll/publish_objects.hpp"

#include "base/digest.hpp"
#include "poll/publish/object_path.hpp"

namespace pollux::poll {
namespace {

std::string object_key(const config::Publication& publication) {
  return publication.to + ":" + publication.path;
}

// Without its body: most runs find that nothing has changed, and need no copy of it.
publish::Object as_object(const config::Publication& publication, const Prepared& prepared) {
  std::string type = publication.content_type.empty() ? prepared.content_type : publication.content_type;
  if (type.empty()) type = publish::content_type_of(publication.path);
  return {publication.path, "", type, publication.cache};
}

// Body, headers and place: a changed Cache-Control must reach the bucket too, and another bucket has nothing
// yet.
std::string identity(const publish::Object& object, const publish::Store& store,
                     const std::string& body_digest) {
  return sha256_hex(store.target() + '\n' + object.content_type + '\n' + object.cache_control + '\n' +
                    body_digest);
}

// Whatever a store says is about storing: a 403 of the bucket must not read as if the source had refused.
// What the proxy on the way to it says is about the proxy.
Error of_store(Error error, const std::string& store) {
  if (error.kind != ErrorKind::kCanceled && error.kind != ErrorKind::kProxy) error.kind = ErrorKind::kStorage;
  if (error.where.empty()) error.where = "store " + store;
  return error;
}

bool is_there(const Record& record, const Due& due) {
  auto last = record.objects.find(due.key);
  return last != record.objects.end() && last->second == due.record;
}

}  // namespace

std::vector<Due> due_objects(const Stages& stages, const config::Poll& poll, const Prepared& prepared,
                             const Record& record) {
  const std::string body = sha256_hex(prepared.body);
  std::vector<Due> out;
  for (const config::Publication& publication : poll.publish) {
    Due due{object_key(publication), publication.to, as_object(publication, prepared), {}};
    due.record = {identity(due.object, *stages.stores.at(due.store), body), prepared.body.size()};
    if (is_there(record, due)) continue;
    due.object.body = prepared.body;
    out.push_back(std::move(due));
  }
  return out;
}

Task<Result<void>> publish_objects(const Stages& stages, std::vector<Due> due, RunReport& report) {
  for (const Due& one : due) report.record.objects.erase(one.key);
  for (Due& one : due) {
    auto put = co_await stages.stores.at(one.store)->put(std::move(one.object));
    if (!put) co_return std::unexpected(of_store(put.error(), one.store));
    report.record.objects[one.key] = one.record;
    report.written.push_back(one.key);
    report.bytes_out += one.record.bytes;
  }
  co_return Result<void>{};
}

}  // namespace pollux::poll

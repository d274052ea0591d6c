// SPDX-License-Identifier: Apache-2.0
#include "poll/publish/directory_store.hpp"

#include <boost/json.hpp>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "net/on_pool.hpp"
#include "poll/publish/beneath.hpp"
#include "poll/publish/object_path.hpp"

namespace pollux::publish {
namespace {

namespace json = boost::json;

constexpr std::string_view kHidden = ".pollux";
constexpr std::string_view kHeaders = ".headers";

/// Where an object and its headers stand, as folders from the root and a name.
struct Place {
  std::vector<std::string> folders;
  std::string name;
  std::vector<std::string> header_folders;
  std::string header_name;
};

/// Says what was tried on what in front of what came back.
Error about(Error error, const std::string& root, std::string_view verb, std::string_view path) {
  error.message = fmt::format("directory {}: {} {}: {}", root, verb, path, error.message);
  return error;
}

Result<Place> place_of(const std::string& path) {
  if (auto fault = object_path_fault(path)) return fail(ErrorKind::kStorage, "the path " + *fault);
  Place place;
  place.folders = parts_of(path);
  place.name = std::move(place.folders.back());
  place.folders.pop_back();
  bool hidden = (place.folders.empty() ? place.name : place.folders.front()) == kHidden;
  if (hidden || place.name.starts_with(kTemporary)) {
    return fail(ErrorKind::kStorage, "the names .pollux and .pollux-tmp-* are the store's own");
  }
  for (const auto& folder : place.folders) {
    // Else the folder `x.headers` and the headers of an object `x` would want the same name.
    if (folder.ends_with(kHeaders))
      return fail(ErrorKind::kStorage, "a folder's name may not end in .headers");
  }
  place.header_folders = place.folders;
  place.header_folders.insert(place.header_folders.begin(), std::string(kHidden));
  place.header_name = place.name + std::string(kHeaders);
  return place;
}

std::string headers_text(const Object& object) {
  return fmt::format("{{\"content_type\":{},\"cache_control\":{}}}\n", json_quote(object.content_type),
                     json_quote(object.cache_control));
}

/// Takes what it understands; whatever else stands there (a hand-edited file) changes nothing.
void take_headers(std::string_view text, Object& object) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  if (error || !value.is_object()) return;
  auto take = [&](const char* key, std::string& into) {
    const auto* found = value.as_object().if_contains(key);
    if (found != nullptr && found->is_string()) into = std::string(found->as_string());
  };
  take("content_type", object.content_type);
  take("cache_control", object.cache_control);
}

Result<void> write_headers(const std::string& root, const Place& place, const Object& object) {
  auto folder = open_folder(root, place.header_folders, true);
  if (!folder) return std::unexpected(folder.error());
  auto text = headers_text(object);
  auto before = read_file(*folder, place.header_name);
  if (before && *before == text) return {};  // nearly always: spares two fsyncs
  return replace_file(*folder, place.header_name, text);
}

Result<void> write_at(const std::string& root, const Object& object) {
  auto place = place_of(object.path);
  if (!place) return std::unexpected(place.error());
  auto folder = open_folder(root, place->folders, true);
  if (!folder) return std::unexpected(folder.error());
  if (auto done = write_headers(root, *place, object); !done) return done;
  return replace_file(*folder, place->name, object.body);
}

Result<std::optional<std::string>> read_in(const std::string& root, const std::vector<std::string>& folders,
                                           const std::string& name) {
  auto folder = open_folder(root, folders, false);
  if (!folder) return std::unexpected(folder.error());
  if (!*folder) return std::nullopt;
  return read_file(*folder, name);
}

Result<std::optional<Object>> read_at(const std::string& root, const std::string& path) {
  auto place = place_of(path);
  if (!place) return std::unexpected(place.error());
  auto headers = read_in(root, place->header_folders, place->header_name);
  if (!headers) return std::unexpected(headers.error());
  auto body = read_in(root, place->folders, place->name);
  if (!body) return std::unexpected(body.error());
  if (!*body) return std::nullopt;
  Object object{path, std::move(**body), std::string(content_type_of(path)), ""};
  if (*headers) take_headers(**headers, object);
  return object;
}

/// The object first: headers without an object are nothing, an object without its headers would be served
/// wrongly.
Result<void> remove_at(const std::string& root, const std::string& path) {
  auto place = place_of(path);
  if (!place) return std::unexpected(place.error());
  using At = std::pair<const std::vector<std::string>&, const std::string&>;
  for (auto [folders, name] :
       {At{place->folders, place->name}, At{place->header_folders, place->header_name}}) {
    auto folder = open_folder(root, folders, false);
    if (!folder) return std::unexpected(folder.error());
    if (!*folder) continue;
    if (auto done = remove_file(*folder, name); !done) return done;
  }
  return {};
}

}  // namespace

Result<void> write_object(const std::filesystem::path& directory, const Object& object) {
  auto done = write_at(directory.string(), object);
  if (!done) return std::unexpected(about(done.error(), directory.string(), "PUT", object.path));
  return {};
}

Result<std::optional<Object>> read_object(const std::filesystem::path& directory, const std::string& path) {
  auto found = read_at(directory.string(), path);
  if (!found) return std::unexpected(about(found.error(), directory.string(), "GET", path));
  return found;
}

Result<void> remove_object(const std::filesystem::path& directory, const std::string& path) {
  auto done = remove_at(directory.string(), path);
  if (!done) return std::unexpected(about(done.error(), directory.string(), "DELETE", path));
  return {};
}

DirectoryStore::DirectoryStore(const config::DirectoryStore& config, asio::thread_pool& pool)
    : root_(config.directory.string()), pool_(pool) {}

Task<Result<void>> DirectoryStore::put(Object object) {
  auto work = [this, object = std::move(object)] {
    clean_once();
    return write_object(root_, object);
  };
  co_return co_await net::on_pool(pool_, std::move(work));
}

Task<Result<std::optional<Object>>> DirectoryStore::get(std::string path) {
  auto work = [this, path = std::move(path)] { return read_object(root_, path); };
  co_return co_await net::on_pool(pool_, std::move(work));
}

Task<Result<void>> DirectoryStore::remove(std::string path) {
  auto work = [this, path = std::move(path)] { return remove_object(root_, path); };
  co_return co_await net::on_pool(pool_, std::move(work));
}

void DirectoryStore::clean_once() {
  if (!cleaned_.exchange(true)) remove_leftovers(root_);
}

}  // namespace pollux::publish

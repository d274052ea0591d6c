// SPDX-License-Identifier: Apache-2.0
#include "app/file_marks.hpp"

#include <sys/stat.h>

#include <utility>

namespace pollux::app {
namespace {

FileMarks::mapped_type mark_of(const std::filesystem::path& file) {
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) info = {};
  return {info.st_size, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec, info.st_ino};
}

}  // namespace

FileMarks marks_of(std::span<const std::filesystem::path> files) {
  FileMarks out;
  for (const auto& file : files) out[file] = mark_of(file);
  return out;
}

FileMarks marks_now(const FileMarks& files) {
  FileMarks out;
  for (const auto& [file, mark] : files) out[file] = mark_of(file);
  return out;
}

config::Environment marking(config::Environment environment, FileMarks& marks) {
  auto read = std::move(environment.read);
  environment.read = [read = std::move(read), &marks](const std::filesystem::path& file) {
    if (!marks.contains(file)) marks[file] = mark_of(file);
    return read(file);
  };
  return environment;
}

}  // namespace pollux::app

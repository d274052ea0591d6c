// SPDX-License-Identifier: Apache-2.0
#include "state/sqlite.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "state/sqlite_statement.hpp"

namespace pollux::state {
namespace {

constexpr std::int64_t kSchema = 1;
constexpr const char* kCreate = R"(
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS meta(schema INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS entries(
    key TEXT PRIMARY KEY NOT NULL, value TEXT, version INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS history(
    id INTEGER PRIMARY KEY, poll TEXT NOT NULL, at INTEGER NOT NULL, json TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS history_of_poll ON history(poll, id);
  CREATE INDEX IF NOT EXISTS history_by_time ON history(at);
)";

std::int64_t millis(Time time) { return time.time_since_epoch().count(); }

struct LockFile {
  int fd = -1;
  ~LockFile() {
    if (fd >= 0) close(fd);
  }
};

// flock, because the kernel lets go of it when the process dies, however it dies.
Result<void> take_lock(LockFile& lock, const std::filesystem::path& file) {
  std::string name = file.string() + ".lock";
  lock.fd = ::open(name.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (lock.fd < 0)
    return fail(ErrorKind::kState, fmt::format("cannot make {}: {}", name, std::strerror(errno)));
  if (flock(lock.fd, LOCK_EX | LOCK_NB) == 0) return {};
  return fail(ErrorKind::kState,
              fmt::format("another pollux is using {}; wait for it to end, or stop it, or give this one a "
                          "`state:` of its own",
                          file.string()),
              Retry::later());
}

}  // namespace

// Every statement is prepared once. Members end in the opposite order of their making: statements before the
// connection, the connection before the lock.
struct SqliteBackend::Database {
  struct Connection {
    sqlite3* handle = nullptr;
    ~Connection() { sqlite3_close_v2(handle); }
  };
  struct Statements {
    explicit Statements(sqlite3* db)
        : begin(db, "BEGIN IMMEDIATE"),
          commit(db, "COMMIT"),
          rollback(db, "ROLLBACK"),
          savepoint(db, "SAVEPOINT batch"),
          release(db, "RELEASE batch"),
          undo(db, "ROLLBACK TO batch"),
          get(db, "SELECT value, version FROM entries WHERE key = ? AND value IS NOT NULL"),
          list(db,
               "SELECT key, value, version FROM entries WHERE key >= ? AND value IS NOT NULL ORDER BY key"),
          // A key that was taken away keeps its row, so that its next version is not one that was used
          // before.
          put(db,
              "INSERT INTO entries(key, value, version) VALUES(?1, ?2, 1) "
              "ON CONFLICT(key) DO UPDATE SET value = ?2, version = version + 1"),
          remove(db, "UPDATE entries SET value = NULL, version = version + 1 WHERE key = ?"),
          append(db, "INSERT INTO history(poll, at, json) VALUES(?, ?, ?)"),
          newest(db, "SELECT poll, at, json FROM history WHERE poll = ? ORDER BY id DESC LIMIT ?"),
          forget(db, "DELETE FROM history WHERE at < ?") {}
    Statement begin, commit, rollback, savepoint, release, undo, get, list, put, remove, append, newest,
        forget;
  };

  LockFile lock;
  Connection connection;
  std::optional<Statements> sql;

  std::unexpected<Error> failed(const std::string& what) const {
    return fail(ErrorKind::kState, fmt::format("{}: {}", what, sqlite3_errmsg(connection.handle)),
                Retry::later());
  }

  Result<void> prepare(const std::filesystem::path& file) {
    // For its owner alone: messages of failed runs are in it. SQLite gives its other files the same rights.
    if (int fd = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600); fd >= 0) close(fd);
    if (sqlite3_open_v2(file.c_str(), &connection.handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        nullptr) != SQLITE_OK) {
      return failed("cannot open " + file.string());
    }
    sqlite3_busy_timeout(connection.handle, 2000);
    if (sqlite3_exec(connection.handle, kCreate, nullptr, nullptr, nullptr) != SQLITE_OK) {
      return failed("cannot use " + file.string() + " as a state file");
    }
    if (auto right = check_schema(file); !right) return right;
    sql.emplace(connection.handle);
    return {};
  }

  Result<void> check_schema(const std::filesystem::path& file) {
    Statement read(connection.handle, "SELECT schema FROM meta");
    if (!read.prepared()) return failed("cannot read " + file.string());
    int code = read.step();
    if (code == SQLITE_DONE) {
      Statement write(connection.handle, "INSERT INTO meta(schema) VALUES(?)");
      if (write.bind(1, kSchema).run() != SQLITE_DONE) return failed("cannot write " + file.string());
      return {};
    }
    if (code != SQLITE_ROW) return failed("cannot read " + file.string());
    if (read.number(0) <= kSchema) return {};
    return fail(ErrorKind::kState,
                fmt::format("{} was written by a newer pollux (schema {}, this one knows {})", file.string(),
                            read.number(0), kSchema));
  }
};

SqliteBackend::SqliteBackend(std::unique_ptr<Database> database) : database_(std::move(database)) {}
SqliteBackend::~SqliteBackend() = default;

Result<std::unique_ptr<SqliteBackend>> SqliteBackend::open(const std::filesystem::path& file) {
  std::error_code error;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), error);
  if (error)
    return fail(ErrorKind::kState,
                fmt::format("cannot make the folder of {}: {}", file.string(), error.message()));
  auto database = std::make_unique<Database>();
  if (auto locked = take_lock(database->lock, file); !locked) return std::unexpected(locked.error());
  if (auto ready = database->prepare(file); !ready) return std::unexpected(ready.error());
  return std::unique_ptr<SqliteBackend>(new SqliteBackend(std::move(database)));
}

Result<std::optional<Entry>> SqliteBackend::get(const std::string& key) {
  Statement& get = database_->sql->get;
  int code = get.bind(1, key).step();
  std::optional<Entry> found;
  if (code == SQLITE_ROW) found = Entry{get.text(0), static_cast<std::uint64_t>(get.number(1))};
  get.reset();
  if (code != SQLITE_ROW && code != SQLITE_DONE) return database_->failed("cannot read the state");
  return found;
}

Result<std::vector<std::pair<std::string, Entry>>> SqliteBackend::list(const std::string& prefix) {
  Statement& list = database_->sql->list;
  list.bind(1, prefix);
  std::vector<std::pair<std::string, Entry>> out;
  int code = list.step();
  for (; code == SQLITE_ROW; code = list.step()) {
    std::string key = list.text(0);
    if (!key.starts_with(prefix)) {
      code = SQLITE_DONE;
      break;
    }
    out.emplace_back(std::move(key), Entry{list.text(1), static_cast<std::uint64_t>(list.number(2))});
  }
  list.reset();
  if (code != SQLITE_DONE) return database_->failed("cannot read the state");
  return out;
}

// A flush of the disk costs milliseconds, so only those pay for it that need it. SQLite takes the setting
// between transactions alone.
std::vector<Result<void>> SqliteBackend::apply(std::span<const Batch> batches) {
  if (std::ranges::none_of(batches, &Batch::outlives_power_cut)) return apply_together(batches);
  // Not prepared like the others: this pragma acts when it is read, not when it is run.
  auto set = [this](const char* pragma) {
    return sqlite3_exec(database_->connection.handle, pragma, nullptr, nullptr, nullptr) == SQLITE_OK;
  };
  if (!set("PRAGMA synchronous = FULL")) return all_failed(batches.size(), "cannot have the state flushed");
  auto out = apply_together(batches);
  // Should this fail, the next ones are flushed too: slower, and no worse.
  set("PRAGMA synchronous = NORMAL");
  return out;
}

// All as one, which is how it nearly always goes; when one of them fails, again with each on its own.
std::vector<Result<void>> SqliteBackend::apply_together(std::span<const Batch> batches) {
  auto& sql = *database_->sql;
  if (sql.begin.run() != SQLITE_DONE) return all_failed(batches.size(), "cannot begin to write the state");
  for (const Batch& batch : batches) {
    if (apply_one(batch)) continue;
    sql.rollback.run();
    return apply_apart(batches);
  }
  if (sql.commit.run() != SQLITE_DONE) return all_failed(batches.size(), "cannot commit the state");
  return std::vector<Result<void>>(batches.size());
}

// A savepoint for each, so that one that fails leaves nothing and takes no other with it.
std::vector<Result<void>> SqliteBackend::apply_apart(std::span<const Batch> batches) {
  auto& sql = *database_->sql;
  if (sql.begin.run() != SQLITE_DONE) return all_failed(batches.size(), "cannot begin to write the state");
  std::vector<Result<void>> out;
  for (const Batch& batch : batches) {
    if (sql.savepoint.run() != SQLITE_DONE) return all_failed(batches.size(), "cannot write the state");
    out.push_back(apply_one(batch));
    if (!out.back()) sql.undo.run();
    if (sql.release.run() != SQLITE_DONE) return all_failed(batches.size(), "cannot write the state");
  }
  if (sql.commit.run() != SQLITE_DONE) return all_failed(batches.size(), "cannot commit the state");
  return out;
}

std::vector<Result<void>> SqliteBackend::all_failed(std::size_t count, const std::string& what) {
  std::vector<Result<void>> out(count, database_->failed(what));
  database_->sql->rollback.run();
  return out;
}

Result<void> SqliteBackend::apply_one(const Batch& batch) {
  for (const Write& write : batch.writes) {
    if (auto done = write_one(write); !done) return done;
  }
  for (const HistoryRow& row : batch.history) {
    if (database_->sql->append.bind(1, row.poll).bind(2, millis(row.at)).bind(3, row.json).run() !=
        SQLITE_DONE) {
      return database_->failed("cannot write the history");
    }
  }
  return {};
}

Result<void> SqliteBackend::write_one(const Write& write) {
  if (write.expected) {
    auto there = get(write.key);
    if (!there) return std::unexpected(there.error());
    std::uint64_t version = *there ? (*there)->version : 0;
    if (version != *write.expected)
      return fail(ErrorKind::kState, "another writer changed " + write.key, Retry::later());
  }
  auto& sql = *database_->sql;
  int code = write.value ? sql.put.bind(1, write.key).bind(2, *write.value).run()
                         : sql.remove.bind(1, write.key).run();
  if (code != SQLITE_DONE) return database_->failed("cannot write the state");
  return {};
}

Result<std::vector<HistoryRow>> SqliteBackend::history(const std::string& poll, std::size_t limit) {
  Statement& newest = database_->sql->newest;
  newest.bind(1, poll).bind(2, static_cast<std::int64_t>(limit));
  std::vector<HistoryRow> out;
  int code = newest.step();
  for (; code == SQLITE_ROW; code = newest.step()) {
    out.push_back({newest.text(0), Time(Millis(newest.number(1))), newest.text(2)});
  }
  newest.reset();
  if (code != SQLITE_DONE) return database_->failed("cannot read the history");
  return out;
}

Result<std::size_t> SqliteBackend::forget_history(Time before) {
  if (database_->sql->forget.bind(1, millis(before)).run() != SQLITE_DONE)
    return database_->failed("cannot trim the history");
  return static_cast<std::size_t>(sqlite3_changes64(database_->connection.handle));
}

}  // namespace pollux::state

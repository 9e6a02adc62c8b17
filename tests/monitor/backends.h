#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "monitor/ledger/read_sessions.h"
#include "monitor/storage/memory/memory_storage.h"
#include "monitor/storage/postgres/postgres_storage.h"
#include "monitor/storage/sqlite/sqlite_storage.h"
#include "tests/monitor/private_postgres.h"

namespace walpulse::monitor::testing {

enum class Backend { memory, sqlite, postgres };

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ledger-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Where one ledger is kept, by one of the storages.
class StoragePlace {
 public:
  explicit StoragePlace(Backend backend) : backend_(backend) {}

  /// A storage of the ledger there. PostgreSQL's alone takes a second one beside the first.
  Result<std::unique_ptr<Storage>> open(Timestamp birth) {
    switch (backend_) {
      case Backend::sqlite:
        return open_sqlite_storage(file(), birth, std::chrono::milliseconds(0));
      case Backend::postgres:
        return open_postgres_storage(target(), birth);
      case Backend::memory:
        break;
    }
    return make_memory_storage(birth);
  }
  /// As the programs have them.
  Readers readers() {
    switch (backend_) {
      case Backend::sqlite:
        return sqlite_readers(file());
      case Backend::postgres:
        return postgres_readers(target());
      case Backend::memory:
        break;
    }
    return {};
  }

  std::filesystem::path file() const { return folder.path() / "ledger.db"; }

  TemporaryFolder folder;
  std::string schema;  ///< Of the PostgreSQL ledger, once it is open.

 private:
  PostgresTarget target() {
    if (schema.empty()) schema = PrivatePostgres::instance().fresh_schema();
    return {PrivatePostgres::instance().dsn(), schema};
  }
  const Backend backend_;
};

inline std::string backend_name(const ::testing::TestParamInfo<Backend>& info) {
  switch (info.param) {
    case Backend::memory:
      return "Memory";
    case Backend::sqlite:
      return "Sqlite";
    case Backend::postgres:
      return "Postgres";
  }
  return "";
}

/// All storages pass the same tests.
inline auto all_backends() {
  return ::testing::Values(Backend::memory, Backend::sqlite, Backend::postgres);
}

}  // namespace walpulse::monitor::testing

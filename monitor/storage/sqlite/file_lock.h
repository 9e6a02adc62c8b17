#pragma once

#include <chrono>
#include <filesystem>

namespace walpulse::monitor {

/// Keeps other processes that ask for it away from a file, until it goes. SQLite's own locks do not
/// serve for that: they would shut out our second connection too.
class FileLock {
 public:
  FileLock() = default;
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// Makes the file where there is none. False where another has the lock for longer than `wait`;
  /// a file that cannot be opened is not locked, and left to whoever opens it next to name.
  bool take(const std::filesystem::path& path, std::chrono::milliseconds wait);

 private:
  int file_ = -1;
};

}  // namespace walpulse::monitor

#include "monitor/storage/sqlite/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>

#include "decoder/base/logging.h"

namespace walpulse::monitor {
namespace {

constexpr std::chrono::milliseconds kPause{20};

}  // namespace

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

bool FileLock::take(const std::filesystem::path& path, std::chrono::milliseconds wait) {
  file_ = ::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) return true;
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) {  // a file system that knows no such locks
      SPDLOG_WARN(
          "the ledger's file cannot be locked: see to it that one monitor alone uses it "
          "path={} reason={}",
          path.string(), std::generic_category().message(errno));
      return true;
    }
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

}  // namespace walpulse::monitor

#include "connector/catalog/lock_wait.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "connector/catalog/slot_wait.h"
#include "connector/catalog/sqlstate.h"
#include "decoder/base/error_context.h"

namespace walpulse::connector {
namespace {

using Clock = std::chrono::steady_clock;

/// Between two attempts, for those that wait behind us.
constexpr std::chrono::milliseconds kPause{400};

/// Shorter than a server takes to look for a deadlock, or longer: an autovacuum leaves then.
constexpr const char* kShort = "SET LOCAL lock_timeout = '100ms'";
constexpr const char* kUntilAutovacuumLeaves = "SET LOCAL lock_timeout = '3s'";

Result<void> attempt(Catalog& admin, const char* lock_timeout,
                     const std::function<Result<void>()>& work) {
  auto done =
      admin.execute("BEGIN").and_then([&] { return admin.execute(lock_timeout); }).and_then(work);
  if (done) return admin.execute("COMMIT");
  (void)admin.execute("ROLLBACK");
  return done;
}

std::string lines_of(const std::vector<OtherTransaction>& holders) {
  std::string text;
  for (const OtherTransaction& each : holders) text += "\n  waits for " + describe(each);
  return text;
}

/// Without how long they have been there, which changes all the time.
std::string whom(std::vector<OtherTransaction> holders) {
  for (OtherTransaction& each : holders) each.age_seconds.reset();
  return lines_of(holders);
}

/// An autovacuum has a process and no role.
bool is_autovacuum(const OtherTransaction& holder) { return holder.pid && holder.user.empty(); }

Error timeout_error(const LockWait& wait, const std::vector<OtherTransaction>& holders) {
  return {ErrorKind::timed_out,
          "the tables " + wait.names + " could not be locked within " +
              std::to_string(wait.timeout.count()) + " ms, as others have them locked. " +
              wait.left_behind + lines_of(holders),
          "let them end, or end one (SELECT pg_catalog.pg_terminate_backend(PID); for a prepared "
          "one ROLLBACK PREPARED), or wait longer: --slot-timeout 10m"};
}

}  // namespace

Result<void> in_transaction(Catalog& admin, const LockWait& wait, std::ostream& out,
                            const std::function<Result<void>()>& work) {
  const auto until = Clock::now() + wait.timeout;
  std::optional<std::string> said;
  const char* lock_timeout = kShort;
  while (true) {
    auto done = attempt(admin, lock_timeout, work);
    if (done || done.error().code != kLockNotAvailable) return done;
    const auto holders = admin.lock_holders(wait.tables, wait.shuts_out_writers)
                             .value_or(std::vector<OtherTransaction>{});
    if (Clock::now() + kPause > until) return fail(timeout_error(wait, holders));
    if (std::string names = whom(holders); said != names) {
      out << "waiting  for a lock on " << wait.names << lines_of(holders) << std::endl;
      said = std::move(names);
    }
    const bool vacuum = !holders.empty() && std::ranges::all_of(holders, is_autovacuum);
    lock_timeout = vacuum ? kUntilAutovacuumLeaves : kShort;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace walpulse::connector

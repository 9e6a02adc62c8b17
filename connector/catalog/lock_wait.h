#pragma once

#include <chrono>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "connector/catalog/catalog.h"
#include "decoder/base/result.h"
#include "decoder/base/types.h"

namespace walpulse::connector {

/// Which tables are to be locked, how long that may take, and where it is said who is in the way.
struct LockWait {
  std::string names;  ///< "public.pipeline_run, public.block_run".
  std::vector<Oid> tables;
  bool shuts_out_writers = false;  ///< SHARE ROW EXCLUSIVE, else SHARE UPDATE EXCLUSIVE.
  std::chrono::milliseconds timeout;
  std::string left_behind = "Nothing is changed";  ///< What is so where that was too short.
};

/// Does `work` in one transaction, again and again until its locks are to be had. Each time they
/// are waited for a tenth of a second: whoever comes to wait for us, as CREATE INDEX CONCURRENTLY
/// does for every older snapshot, finds us gone before the server looks for a deadlock
/// (deadlock_timeout, 1 s), and writers that queue up behind us go on. An autovacuum that is alone
/// in the way is waited for longer, since the server ends it only then. Says to `out` who is in the
/// way. timed_out after `wait.timeout`: nothing is changed.
Result<void> in_transaction(Catalog& admin, const LockWait& wait, std::ostream& out,
                            const std::function<Result<void>()>& work);

}  // namespace walpulse::connector

#pragma once

#include <functional>
#include <iosfwd>

#include "connector/command/command_session.h"
#include "connector/recover/recover_plan.h"

namespace walpulse::connector {

/// Carries a plan out, step by step, and prints each. One thread.
class Recovery {
 public:
  /// Reads the tables and delivers every row under `identity`; returns when the sink has them.
  using Snapshot = std::function<Result<void>(const CaptureIdentity& identity)>;

  Recovery(const RecoverPlan& plan, CommandSession& session, const Invocation& invocation,
           std::ostream& out)
      : plan_(plan), session_(session), invocation_(invocation), out_(out) {}

  /// Ends early at the first step that fails: then it is a gap, as before, and everything is done
  /// again from the beginning the next time.
  Result<void> execute(const Snapshot& snapshot);

 private:
  Result<void> drop_slots();
  Result<void> renew_publication();
  Result<void> make_slots();
  Result<void> identify();
  Result<void> open_capture();

  const RecoverPlan& plan_;
  CommandSession& session_;
  const Invocation& invocation_;
  std::ostream& out_;
  std::uint64_t epoch_ = 0;  ///< Of the comment that stands.
  CaptureIdentity identity_;
};

}  // namespace walpulse::connector

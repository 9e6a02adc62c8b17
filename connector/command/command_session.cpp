#include "connector/command/command_session.h"

#include <ostream>

#include "connector/command/commands.h"
#include "decoder/base/error_context.h"
#include "publisher/config/exit_codes.h"

namespace walpulse::connector {

Result<CommandSession> CommandSession::open(const SourceOptions& source) {
  CommandSession session;
  auto capture = Catalog::open(source.dsn);
  if (!capture) return forward(capture);
  session.capture_ = std::move(*capture);
  if (!source.admin_dsn.empty()) {
    auto admin = Catalog::open(source.admin_dsn);
    if (!admin) return fail(in_context("--admin-dsn", admin.error()));
    session.admin_ = std::move(*admin);
  }
  return session;
}

int report_error(const Error& error, std::ostream& err) {
  err << "walpulse-connector: " << to_string(error) << "\n";
  return error.kind == ErrorKind::unavailable ? kExitUnavailable : 1;
}

}  // namespace walpulse::connector

#pragma once

#include <iosfwd>
#include <memory>

#include "connector/catalog/catalog.h"
#include "connector/options/options.h"

namespace walpulse::connector {

/// The one or two connections of a command.
class CommandSession {
 public:
  static Result<CommandSession> open(const SourceOptions& source);
  Catalog& capture() { return *capture_; }
  /// The table owner's connection; the capture role's where there is no --admin-dsn.
  Catalog& admin() { return admin_ ? *admin_ : *capture_; }

 private:
  std::unique_ptr<Catalog> capture_;
  std::unique_ptr<Catalog> admin_;
};

/// Prints "walpulse-connector: ..." and returns the exit code: 69 where the server cannot be
/// reached, else 1.
int report_error(const Error& error, std::ostream& err);

}  // namespace walpulse::connector

#include "connector/catalog/sqlstate.h"

namespace walpulse::connector {

ErrorKind kind_of_sqlstate(std::string_view sqlstate) {
  if (sqlstate == "57014") return ErrorKind::timed_out;
  const bool passes =
      sqlstate.starts_with("08") || sqlstate.starts_with("53") || sqlstate.starts_with("57P");
  return passes ? ErrorKind::unavailable : ErrorKind::rejected;
}

}  // namespace walpulse::connector

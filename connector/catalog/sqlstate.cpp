#include "connector/catalog/sqlstate.h"

namespace walpulse::connector {

bool passes(std::string_view sqlstate) {
  const std::string_view sort = sqlstate.substr(0, 2);
  return sort == "08" || sort == "53" || sort == "57" || sort == "58" || sqlstate == "25P03" ||
         sqlstate == "25P04";
}

ErrorKind kind_of_sqlstate(std::string_view sqlstate) {
  if (sqlstate == "57014") return ErrorKind::timed_out;
  return passes(sqlstate) ? ErrorKind::unavailable : ErrorKind::rejected;
}

}  // namespace walpulse::connector

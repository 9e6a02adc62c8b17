#include "connector/stream/notice.h"

namespace walpulse::connector {

bool drops_changes(std::string_view severity, std::string_view sqlstate) {
  return severity == "WARNING" && (sqlstate == "55000" || sqlstate == "42704");
}

}  // namespace walpulse::connector

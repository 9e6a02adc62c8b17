#include "connector/session/withheld_warning.h"

namespace walpulse::connector {

std::string withheld_warning(std::uint64_t count, const std::vector<std::string>& columns) {
  std::string names, flags;
  for (const std::string& column : columns) {
    names += (names.empty() ? "" : ",") + column;
    flags += " --column " + column;
  }
  return "values stay home, for their columns' types are gone and may have held JSON; to let them "
         "out:" +
         flags + " columns=" + names + " count=" + std::to_string(count);
}

}  // namespace walpulse::connector

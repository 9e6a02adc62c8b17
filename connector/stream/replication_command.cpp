#include "connector/stream/replication_stream.h"

namespace walpulse::connector {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (c == quote) out += c;
  }
  return out += quote;
}

}  // namespace

std::string start_command(const std::string& slot, Lsn from, const std::string& publication) {
  return "START_REPLICATION SLOT " + quoted(slot, '"') + " LOGICAL " + to_string(from) +
         " (proto_version '1', publication_names " + quoted(quoted(publication, '"'), '\'') + ")";
}

}  // namespace walpulse::connector

#include <string>
#include <vector>

#include "connector/replay/copy_parser.h"
#include "tests/fuzz/fuzz.h"

// Input: how long the pieces are (one byte, 0 = a single one), then a binary COPY of a slot's rows.
// However it is cut, the same rows come out.

namespace walpulse {
namespace {

struct Read {
  std::vector<std::string> rows;
  bool whole = false;
  bool operator==(const Read&) const = default;
};

Read read(std::string_view bytes, std::size_t piece) {
  connector::CopyParser parser;
  Read result;
  while (!bytes.empty()) {
    const auto size = piece == 0 ? bytes.size() : std::min(piece, bytes.size());
    const fuzz::ExactCopy copy(bytes.substr(0, size));
    bytes.remove_prefix(size);
    parser.feed(copy.bytes());
    while (true) {
      const auto row = parser.next();
      if (!row) {
        fuzz::require(row.error().kind == ErrorKind::malformed, "bad bytes are malformed");
        return result;
      }
      if (!*row) break;
      const auto data = (*row)->data;
      result.rows.push_back(to_string((*row)->lsn) + " " + std::to_string((*row)->xid.value) + " " +
                            std::string(reinterpret_cast<const char*>(data.data()), data.size()));
    }
  }
  result.whole = parser.finish().has_value();
  return result;
}

}  // namespace
}  // namespace walpulse

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace walpulse;
  if (size == 0) return 0;
  const auto bytes = fuzz::text(data + 1, size - 1);
  const Read at_once = read(bytes, 0);
  const Read in_pieces = read(bytes, data[0]);
  fuzz::require(at_once == in_pieces, "cuts change nothing");
  return 0;
}

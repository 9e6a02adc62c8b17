#include "connector/replay/copy_parser.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

namespace walpulse::connector {
namespace {

using decoder::ByteCursor;
using decoder::Bytes;

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
constexpr std::size_t kHeaderBytes = kSignature.size() + 4 + 4;
constexpr std::uint32_t kCriticalFlags = 0xffff0000u;  // a reader must know what they mean
constexpr std::uint32_t kExtensionMax = 1u << 16;
constexpr std::uint32_t kDataMax = 0x3fffffff;  // PostgreSQL's own limit of a value
constexpr std::uint16_t kEnd = 0xffff;
constexpr std::size_t kFieldCount = 3;
/// Field count, lengths and values of lsn and xid, length of data.
constexpr std::size_t kRowHeadBytes = 2 + (4 + 8) + (4 + 4) + 4;

}  // namespace

tl::unexpected<Error> CopyParser::refuse(const std::string& reason) const {
  return fail(ErrorKind::malformed,
              "binary COPY at offset " + std::to_string(offset_) + ": " + reason);
}

void CopyParser::feed(Bytes piece) {
  if (bytes_.empty()) {
    kept_.clear();
    bytes_ = piece;
    return;
  }
  // next() has moved what it could not use into kept_.
  kept_.insert(kept_.end(), piece.begin(), piece.end());
  bytes_ = kept_;
}

/// The piece will go: what is left of it moves to kept_.
void CopyParser::keep_rest() {
  if (bytes_.empty()) return;
  const bool kept = !kept_.empty() && bytes_.data() >= kept_.data() &&
                    bytes_.data() < kept_.data() + kept_.size();
  if (kept) {
    kept_.erase(kept_.begin(), kept_.end() - static_cast<std::ptrdiff_t>(bytes_.size()));
  } else {
    kept_.assign(bytes_.begin(), bytes_.end());
  }
  bytes_ = kept_;
}

Result<std::optional<SlotRow>> CopyParser::next() {
  if (stage_ == Stage::header) {
    const auto read = read_header();
    if (!read) return forward(read);
    if (!*read) {
      keep_rest();
      return std::optional<SlotRow>();
    }
  }
  if (stage_ == Stage::ended) {
    if (!bytes_.empty()) return refuse("bytes after the end");
    return std::optional<SlotRow>();
  }
  auto row = read_row();
  if (row && !*row) keep_rest();
  return row;
}

Result<bool> CopyParser::read_header() {
  if (bytes_.empty()) return false;
  const std::size_t known = std::min(bytes_.size(), kSignature.size());
  if (std::memcmp(bytes_.data(), kSignature.data(), known) != 0) return refuse("no signature");
  if (bytes_.size() < kHeaderBytes) return false;
  ByteCursor in(bytes_.subspan(kSignature.size(), 8));
  const std::uint32_t flags = in.u32();
  const std::uint32_t extension = in.u32();
  if ((flags & kCriticalFlags) != 0) return refuse("unknown flags " + std::to_string(flags));
  if (extension > kExtensionMax) return refuse("an extension of impossible length");
  if (bytes_.size() < kHeaderBytes + extension) return false;
  bytes_ = bytes_.subspan(kHeaderBytes + extension);
  offset_ += kHeaderBytes + extension;
  stage_ = Stage::rows;
  return true;
}

Result<std::optional<SlotRow>> CopyParser::read_row() {
  const std::optional<SlotRow> more;
  if (bytes_.size() < 2) return more;
  const std::uint16_t fields = ByteCursor(bytes_).u16();
  if (fields == kEnd) {
    bytes_ = bytes_.subspan(2);
    offset_ += 2;
    stage_ = Stage::ended;
    if (!bytes_.empty()) return refuse("bytes after the end");
    return more;
  }
  if (fields != kFieldCount) return refuse(std::to_string(fields) + " fields instead of 3");
  if (bytes_.size() < kRowHeadBytes) return more;
  ByteCursor in(bytes_.first(kRowHeadBytes));
  in.u16();
  SlotRow row;
  if (in.u32() != 8) return refuse("the lsn has not 8 bytes");
  row.lsn = in.lsn();
  if (in.u32() != 4) return refuse("the xid has not 4 bytes");
  row.xid = in.xid();
  const std::uint32_t size = in.u32();
  if (size > kDataMax) return refuse("data of impossible length");
  if (bytes_.size() - kRowHeadBytes < size) return more;
  row.data = bytes_.subspan(kRowHeadBytes, size);
  bytes_ = bytes_.subspan(kRowHeadBytes + size);
  offset_ += kRowHeadBytes + size;
  return std::optional<SlotRow>(row);
}

Result<void> CopyParser::finish() const {
  if (stage_ == Stage::ended && bytes_.empty()) return {};
  return refuse("the copy was cut off");
}

}  // namespace walpulse::connector

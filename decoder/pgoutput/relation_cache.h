#pragma once

#include <memory>
#include <unordered_map>

#include "decoder/pgoutput/message.h"
#include "decoder/schema/change_event.h"

namespace walpulse::decoder {

/// What the events of a relation are described with.
schema::Table describe(const Relation& relation);

/// The latest description of each table, as announced by the server.
///
/// Every Relation message replaces the entry: an ALTER TABLE arrives this way, and so does nothing
/// at all (the server announces a table again after a VACUUM). Rows decoded earlier keep the
/// description that they were decoded with.
class RelationCache {
 public:
  void put(schema::Table table);
  /// Null where the server has not announced the table on this connection.
  std::shared_ptr<const schema::Table> find(Oid id) const;
  /// Call on reconnect: the server announces every table again.
  void clear();

 private:
  std::unordered_map<std::uint32_t, std::shared_ptr<const schema::Table>> tables_;
};

}  // namespace walpulse::decoder

#include "connector/session/preflight.h"

namespace walpulse::connector {
namespace {

using Refusal = tl::unexpected<Failure>;

struct Columns {
  std::vector<std::vector<std::string>> key_columns;
  BaseTypes base_types;
};

Result<Columns> read_tables(Catalog& catalog, const std::vector<CapturedTable>& captured) {
  Columns columns;
  for (const CapturedTable& each : captured) {
    // Where it was dropped, one made anew under the name has its key, as far as anybody can tell.
    auto table = catalog.table(each.oid);
    if (table && !*table) table = catalog.table(each.name.schema, each.name.name);
    if (!table) return forward(table);
    columns.key_columns.push_back(*table ? std::move((*table)->primary_key)
                                         : std::vector<std::string>{});
    auto types = catalog.base_types(each.oid);
    if (!types) return forward(types);
    columns.base_types.merge(*types);
  }
  return columns;
}

}  // namespace

Result<Failure> what_is_not_set_up(Catalog& catalog, const SourceOptions& source,
                                   const std::string& database) {
  const auto publication = catalog.publication(source.publication, Oid{});
  if (!publication) return forward(publication);
  const auto slot = catalog.slot(source.slot);
  if (!slot) return forward(slot);
  return not_set_up(source, database, publication->has_value(), slot->has_value());
}

tl::expected<Preflight, Failure> preflight(Catalog& catalog, const SourceOptions& source,
                                           const std::optional<Watched>& watched) {
  auto server = catalog.server();
  if (!server) return refuse(server.error());
  auto identity = catalog.identity(source.publication);
  if (!identity) return refuse(identity.error());
  if (!*identity) {
    auto missing = what_is_not_set_up(catalog, source, server->database);
    return missing ? Refusal(*std::move(missing)) : refuse(missing.error());
  }
  if ((*identity)->system_identifier != server->system_identifier) {
    return Refusal(gap("this is system " + std::to_string(server->system_identifier) + ", and " +
                       other_system(**identity)));
  }
  auto slot = catalog.slot(source.slot);
  if (!slot) return refuse(slot.error());
  if (auto problem = slot_problem(source.slot, *server, *slot)) {
    return Refusal(std::move(*problem));
  }
  if (auto problem = name_problem(source, **identity)) return Refusal(std::move(*problem));
  auto role = catalog.role(Oid{});
  if (!role) return refuse(role.error());
  if (auto problem = role_problem(*role)) return Refusal(std::move(*problem));
  auto tables = read_tables(catalog, (*identity)->tables);
  if (!tables) return refuse(tables.error());
  auto check = catalog.check_publication(source.publication, **identity);
  if (!check) return refuse(check.error());
  const auto last = held_to(**identity, watched);
  auto drifted = publication_drift(last, *check);
  auto seen = as_seen(last, *check);
  return Preflight{.server = std::move(*server),
                   .identity = std::move(**identity),
                   .seen = std::move(seen),
                   .slot = std::move(**slot),
                   .key_columns = std::move(tables->key_columns),
                   .base_types = std::move(tables->base_types),
                   .drift = std::move(drifted)};
}

}  // namespace walpulse::connector

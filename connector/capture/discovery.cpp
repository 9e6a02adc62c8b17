#include "connector/capture/discovery.h"

namespace walpulse::connector {
namespace {

using Refusal = tl::unexpected<Failure>;

Refusal refuse(const Error& error) { return Refusal(judge(error, "", std::nullopt)); }

}  // namespace

tl::expected<Discovery, Failure> discover(Catalog& catalog, const SourceOptions& source) {
  auto server = catalog.server();
  if (!server) return refuse(server.error());
  auto identity = catalog.identity(source.publication);
  if (!identity) return refuse(identity.error());
  if (!*identity) {
    return Refusal(Failure{Verdict::fatal, "publication " + source.publication + " in database " +
                                               server->database +
                                               " was not set up: run `walpulse-connector setup`"});
  }
  if ((*identity)->system_identifier != server->system_identifier) {
    return Refusal(gap("this is cluster " + std::to_string(server->system_identifier) +
                       ", the publication was set up on cluster " +
                       std::to_string((*identity)->system_identifier)));
  }
  auto slot = catalog.slot(source.slot);
  if (!slot) return refuse(slot.error());
  if (auto problem = slot_problem(source.slot, *server, *slot)) {
    return Refusal(std::move(*problem));
  }
  auto table = catalog.table(source.schema, source.table);
  if (!table) return refuse(table.error());
  if (auto problem = table_problem(source, **identity, *table)) {
    return Refusal(std::move(*problem));
  }
  auto role = catalog.role((*table)->oid);
  if (!role) return refuse(role.error());
  if (auto problem = role_problem(*role)) return Refusal(std::move(*problem));
  return Discovery{std::move(*server), std::move(**identity), std::move(**slot),
                   std::move((*table)->primary_key)};
}

}  // namespace walpulse::connector

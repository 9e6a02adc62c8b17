#include <ostream>

#include "connector/command/command_session.h"
#include "connector/command/commands.h"
#include "connector/command/status_report.h"

namespace walpulse::connector {
namespace {

constexpr std::chrono::milliseconds kOldestTimeout{2'000};

Result<StatusFacts> gather(Catalog& catalog, const Invocation& invocation) {
  const SourceOptions& source = invocation.run.source;
  StatusFacts facts;
  facts.given = given_options(invocation);
  const auto role = catalog.role(Oid{0});
  if (!role) return forward(role);
  facts.role = role->name;
  auto server = catalog.server();
  if (!server) return forward(server);
  facts.server = *server;

  auto publication = catalog.publication(source.publication, Oid{0});
  if (!publication) return forward(publication);
  facts.publication_exists = publication->has_value();
  const TableName& name = source.tables.front();
  const auto table = catalog.table(name.schema, name.name);
  if (!table) return forward(table);
  if (facts.publication_exists) {
    facts.owner = (*publication)->owner;
  } else if (*table) {
    facts.owner = (*table)->owner;
  }
  if (facts.publication_exists && (*publication)->comment) {
    if (auto identity = parse_comment(*(*publication)->comment)) facts.identity = *identity;
  }

  auto slot = catalog.slot(source.slot);
  if (!slot) return forward(slot);
  facts.slot = *slot;
  if (facts.slot && facts.slot->active_pid) {
    auto sender = catalog.sender(*facts.slot->active_pid);
    if (!sender) return forward(sender);
    facts.sender = *sender;
  }
  auto anchor = catalog.slot(anchor_slot(source));
  if (!anchor) return forward(anchor);
  facts.anchor = *anchor;
  if (facts.anchor && !facts.anchor->lost()) {
    // Whatever hinders it (no free slot, no REPLICATION, a long way to the first row): unknown.
    const auto oldest =
        catalog.first_commit_time(anchor_slot(source), source.publication, kOldestTimeout);
    facts.oldest_commit = oldest.value_or(std::nullopt);
  }
  return facts;
}

}  // namespace

int status_command(const Invocation& invocation, const Terminal& terminal) {
  const SourceOptions& source = invocation.run.source;
  auto catalog = Catalog::open(source.dsn);
  if (!catalog) return report_error(catalog.error(), terminal.err);
  const auto facts = gather(**catalog, invocation);
  if (!facts) return report_error(facts.error(), terminal.err);
  terminal.out << (invocation.json ? status_json(source, *facts) : status_text(source, *facts));
  return exit_code(capture_state(*facts));
}

}  // namespace walpulse::connector

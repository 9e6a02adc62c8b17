#include "connector/replay/replay_preflight.h"

#include "connector/replay/replay_failure.h"

namespace walpulse::connector {

tl::expected<Preflight, Failure> discover_anchor(Catalog& catalog, const SourceOptions& source) {
  const auto identity = catalog.identity(source.publication);
  if (!identity) return refuse(identity.error());
  if (!*identity) return preflight(catalog, source);  // says why
  SourceOptions anchored = source;
  anchored.slot = anchor_slot(source);
  const auto server = catalog.server();
  if (!server) return refuse(server.error());
  const auto anchor = catalog.slot(anchored.slot);
  if (!anchor) return refuse(anchor.error());
  const bool here = (*identity)->system_identifier == server->system_identifier &&
                    !says_nothing(server->in_recovery, *anchor);
  if (here && !*anchor) {
    return tl::unexpected<Failure>(failure_of(Verdict::fatal, no_anchor(source)));
  }
  if (here && (*anchor)->lost()) {
    return tl::unexpected<Failure>(failure_of(Verdict::fatal, lost_anchor(source)));
  }
  auto found = preflight(catalog, anchored);
  if (found && found->drift) return tl::unexpected<Failure>(gap(found->drift->what));
  return found;
}

}  // namespace walpulse::connector

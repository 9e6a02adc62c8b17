#include "connector/catalog/publication_state.h"

#include <utility>

namespace walpulse::connector {

std::optional<CaptureIdentity> identity_in(const std::optional<PublicationFacts>& publication) {
  if (!publication || !publication->comment) return std::nullopt;
  auto identity = parse_comment(*publication->comment);
  return identity ? std::optional(std::move(*identity)) : std::nullopt;
}

bool altered(const CaptureIdentity& identity, const PublicationFacts& publication) {
  return publication.xmin != identity.publication_xmin;
}

bool owner_changed_last(const CaptureIdentity& identity, const PublicationFacts& publication) {
  if (!altered(identity, publication)) return false;
  // The transaction that wrote the publication's row last wrote its owner's row too.
  if (publication.owner_xmin) return *publication.owner_xmin == publication.xmin;
  return identity.publication_owner != Oid{} && identity.publication_owner != publication.owner_oid;
}

}  // namespace walpulse::connector

#pragma once

#include <optional>

#include "connector/catalog/catalog_facts.h"

namespace walpulse::connector {

// What follows from the publication as the catalog shows it. Pure.

/// The identity in its comment; empty where there is none of walpulse's.
std::optional<CaptureIdentity> identity_in(const std::optional<PublicationFacts>& publication);

/// Whether it was altered since the epoch began, by its row's version, so that "off and on again"
/// shows too. A new owner makes a new version and changes nothing of what is published: the row
/// that keeps the owner is then as new, or, where the owner has no such row, the owner is another
/// one than the comment says.
bool altered(const CaptureIdentity& identity, const PublicationFacts& publication);

}  // namespace walpulse::connector

#pragma once

#include <optional>

#include "connector/catalog/catalog_facts.h"

namespace walpulse::connector {

// What follows from the publication as the catalog shows it. Pure.

/// The identity in its comment; empty where there is none of walpulse's.
std::optional<CaptureIdentity> identity_in(const std::optional<PublicationFacts>& publication);

/// Whether its row has another version than the identity says, so that "off and on again" shows
/// too.
bool altered(const CaptureIdentity& identity, const PublicationFacts& publication);

/// Whether what altered it last was a change of its owner, which changes nothing of what is
/// published: the row that keeps the owner is then as new, or, where the owner has no such row, the
/// owner is another one than the identity says. What was altered before that does not show: nothing
/// follows from it but where the publication was watched until then.
bool owner_changed_last(const CaptureIdentity& identity, const PublicationFacts& publication);

}  // namespace walpulse::connector

#pragma once

#include <span>

#include "decoder/schema/heartbeat.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// The stay that a heartbeat tells of; nothing where it published nothing that is new.
std::optional<StayRow> stay_of(const schema::Heartbeat& heartbeat);

/// True where two sessions published commits of one stretch of the log: each saw them made after it
/// had come, so that the log was written twice. The stays of one session are one that grows.
bool overlaps(std::span<const StayRow> known, const StayRow& stay);

/// Keeps the stay, and the newest hundred of its epoch: a log that went back further writes itself
/// into them in time. False where it overlaps another.
bool keep_stay(Transaction& transaction, const EpochRow& epoch, const StayRow& stay);

}  // namespace walpulse::monitor

#pragma once

#include <optional>
#include <string>

#include "connector/catalog/catalog_facts.h"
#include "connector/command/remedy_command.h"
#include "connector/options/options.h"

namespace walpulse::connector {

/// What `status` found.
struct StatusFacts {
  GivenOptions given;  ///< For commands.
  ServerFacts server;
  std::string role;   ///< Who asks.
  std::string owner;  ///< Of the publication, else of the table; empty: there is neither.
  bool publication_exists = false;
  std::optional<CaptureIdentity> identity;  ///< Empty: the publication has no comment of ours.
  std::optional<SlotState> slot;
  std::optional<SenderState> sender;  ///< Of the slot's reader, where there is one.
  std::optional<SlotState> anchor;
  std::optional<Timestamp> oldest_commit;  ///< Of the first transaction that the anchor holds.
};

/// One word for the whole.
enum class CaptureState {
  not_set_up,  ///< No publication, no slot.
  incomplete,  ///< Setup did not finish.
  gap,         ///< Set up, but the slot is missing or lost, or this is another system.
  idle,        ///< Ready, nobody reads.
  streaming,   ///< Somebody reads.
};
CaptureState capture_state(const StatusFacts& facts);
const char* to_string(CaptureState state);
/// 0 idle or streaming, 1 not (wholly) set up, 3 a gap.
int exit_code(CaptureState state);

/// Seconds by which the confirmed position is behind; empty where nothing tells.
std::optional<double> lag_seconds(const StatusFacts& facts);

std::string status_text(const SourceOptions& source, const StatusFacts& facts);
/// One JSON object and a newline; unknown values are null.
std::string status_json(const SourceOptions& source, const StatusFacts& facts);

}  // namespace walpulse::connector

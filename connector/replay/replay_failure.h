#pragma once

#include <optional>

#include "connector/catalog/catalog_facts.h"
#include "connector/options/options.h"
#include "connector/replay/replay_source.h"
#include "decoder/base/result.h"

namespace walpulse::connector {

/// What a fault means for the replay.
struct ReplayVerdict {
  enum class Action {
    retry,   ///< Copy the anchor anew and go on, after a pause.
    stream,  ///< The same by a walsender: a transaction is too large to be materialized.
    fatal,
  };
  Action action = Action::retry;
  Error error;
};

/// What the catalog says after a fault.
struct ReplayContext {
  bool streaming = false;  ///< By a walsender already.
  /// Empty where the catalog could not be asked; holds an empty value where there is no anchor.
  std::optional<std::optional<SlotState>> anchor;
  int slots_max = 0;
};

/// Judges by the phase, by SQLSTATE (the error's code) and by the catalog, never by text: 53400 is
/// a full temp_file_limit while reading, and the last free slot while copying. Pure.
ReplayVerdict judge_replay(const SourceOptions& source, const ReplayFault& fault,
                           const ReplayContext& context);

/// The anchor was never made or was dropped.
Error no_anchor(const SourceOptions& source);
/// The server invalidated it.
Error lost_anchor(const SourceOptions& source);

}  // namespace walpulse::connector

#pragma once

#include <optional>
#include <string>

#include "connector/catalog/catalog_facts.h"
#include "connector/command/remedy_command.h"
#include "connector/options/options.h"
#include "decoder/base/result.h"

namespace walpulse::connector {

/// What `teardown` would drop. Pure.
struct TeardownPlan {
  std::optional<Error> refusal;
  bool drop_anchor = false;
  bool drop_slot = false;
  bool drop_publication = false;
  std::string loss;  ///< What goes with it, to be confirmed by a person.
  bool nothing() const { return !drop_anchor && !drop_slot && !drop_publication; }
};

TeardownPlan plan_teardown(const GivenOptions& given, const std::string& database,
                           const std::optional<PublicationFacts>& publication,
                           const std::optional<SlotState>& slot,
                           const std::optional<SlotState>& anchor = {});

}  // namespace walpulse::connector

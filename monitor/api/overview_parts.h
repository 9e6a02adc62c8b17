#pragma once

#include <vector>

#include "monitor/api/scene.h"

namespace walpulse::monitor::api {

using Entries = std::vector<const reading::PipelineEntry*>;

/// Whether the rules give it to this team; "none": to nobody. Without a team all pass.
bool is_of_team(const std::string& team, const std::optional<std::string>& wanted);

/// How a pipeline stands with `done_by`; null where there is none.
Json deadline_json(const Scene& scene, const reading::PipelineEntry& entry,
                   const std::vector<RunEnd>& ends, Timestamp at);
/// Deadlines that come, those first of which something seems to be undone.
void add_deadlines(const Scene& scene, const Entries& entries, Timestamp at, Json& json);
/// Slots that nobody made good, of pipelines that may be fine again.
void add_not_made_good(const Scene& scene, const Entries& entries, Json& json);

}  // namespace walpulse::monitor::api

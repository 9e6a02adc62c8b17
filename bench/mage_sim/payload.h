#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bench/mage_sim/random.h"

namespace walpulse::mage_sim {

/// "daily_sales", "hourly_orders", ...: distinct for distinct indexes.
std::string pipeline_name(std::size_t index);

/// The pipeline's blocks, in the order in which they run. Of some they carry a stream and an index,
/// as those of integration pipelines do.
std::vector<std::string> block_names(std::size_t index);

/// JSON text of a pipeline's `variables.partner`: mostly a string, sometimes something that makes
/// no label (null, an object) or one that is not text. Empty: the key is missing.
std::string partner_json(std::size_t index);

/// JSON as Python's json.dumps writes it. None is SQL NULL, "null" is JSON's. `large`: more than
/// PostgreSQL keeps in the row (it compresses badly, too).
std::optional<std::string> variables_json(Random& random, const std::string& partner, bool large);
std::string event_variables_json(Random& random);
std::string metrics_json(Random& random);
/// block_run.metrics of a block that failed: an error and its stack trace, which may be long.
std::string block_error_json(Random& random);

}  // namespace walpulse::mage_sim

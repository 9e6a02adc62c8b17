#pragma once

#include <span>

#include "monitor/web/assets.h"

namespace walpulse::monitor {

/// Everything that bundle.py made, by rising path. `/` is the HTML of every view.
std::span<const Asset> asset_table();

}  // namespace walpulse::monitor

#pragma once

#include <memory>

#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// Forgets everything when it goes. For tests and quick looks.
std::unique_ptr<Storage> make_memory_storage(Timestamp birth);

}  // namespace walpulse::monitor

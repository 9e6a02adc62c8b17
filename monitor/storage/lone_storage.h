#pragma once

#include "monitor/ledger/storage.h"

namespace walpulse::monitor {

/// A storage that no other process has: there is nobody to shut out, and nobody else to lead.
class LoneStorage : public Storage {
 public:
  void claim(Claim) override {}
  std::uint64_t take_lease(const std::string&, std::chrono::milliseconds) override { return 1; }
  bool holds_lease(std::uint64_t) override { return true; }
  void release_lease(std::uint64_t) override {}
};

}  // namespace walpulse::monitor

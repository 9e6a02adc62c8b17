#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace walpulse::monitor {

/// Which of the instances that share the ledger leads.
class LeaseStore {
 public:
  virtual ~LeaseStore() = default;
  /// Takes the lease where it is free or has expired by the storage's own clock, prolongs it where
  /// `holder` has it. Returns its generation, which rises with every new holder; zero: another's.
  virtual std::uint64_t take(const std::string& holder, std::chrono::milliseconds ttl) = 0;
  /// True where this generation has not expired; until the transaction ends nobody takes it then.
  virtual bool holds(std::uint64_t generation) = 0;
  virtual void release(std::uint64_t generation) = 0;
};

}  // namespace walpulse::monitor

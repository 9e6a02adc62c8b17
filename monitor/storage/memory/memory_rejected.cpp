#include <map>
#include <set>
#include <string>
#include <unordered_set>

#include "monitor/storage/memory/memory_stores.h"

namespace walpulse::monitor {
namespace {

class MemoryRejected final : public RejectedStore {
 public:
  explicit MemoryRejected(MemoryUnit& unit) : unit_(unit) {}

  void add(const Rejected& message) override {
    unit_.later([this, message] {
      const std::string& message_id = message.message_id;
      if (!message_id.empty() && !message_ids_.insert(message_id).second) return;
      const std::int64_t id = unit_.next_id();
      rejected_[id] = message;
      rejected_[id].id = id;
      bytes_ += kept_bytes(message);
      unforwarded_.insert(id);
    });
  }
  std::vector<Rejected> after(std::int64_t after, std::size_t count_max) override {
    std::vector<Rejected> found;
    for (auto at = rejected_.upper_bound(after); at != rejected_.end(); ++at) {
      if (found.size() == count_max) break;
      found.push_back(at->second);
    }
    return found;
  }
  std::vector<Rejected> unforwarded(std::size_t count_max) override {
    std::vector<Rejected> found;
    for (const std::int64_t id : unforwarded_) {
      if (found.size() == count_max) break;
      found.push_back(rejected_.at(id));
    }
    return found;
  }
  void mark_forwarded(std::span<const std::int64_t> ids) override {
    for (const std::int64_t id : ids) unit_.later([this, id] { unforwarded_.erase(id); });
  }
  void remove(std::span<const std::int64_t> ids) override {
    for (const std::int64_t id : ids) {
      unit_.later([this, id] {
        const auto at = rejected_.find(id);
        if (at == rejected_.end()) return;
        message_ids_.erase(at->second.message_id);
        bytes_ -= kept_bytes(at->second);
        rejected_.erase(at);
        unforwarded_.erase(id);
      });
    }
  }
  RejectedTotals totals() override { return {static_cast<std::int64_t>(rejected_.size()), bytes_}; }
  std::vector<RejectedSize> first_to_go(std::size_t count_max) override {
    std::vector<RejectedSize> found;
    for (const bool forwarded : {true, false}) {
      for (const auto& [id, message] : rejected_) {
        if (found.size() == count_max) return found;
        if (unforwarded_.contains(id) != forwarded) found.push_back(size_of(message));
      }
    }
    return found;
  }
  std::vector<RejectedSize> received_before(Timestamp instant, std::size_t count_max) override {
    std::vector<RejectedSize> found;
    for (const auto& [id, message] : rejected_) {
      if (found.size() == count_max) break;
      if (message.received < instant) found.push_back(size_of(message));
    }
    return found;
  }

 private:
  RejectedSize size_of(const Rejected& message) const {
    return {message.id, kept_bytes(message), !unforwarded_.contains(message.id)};
  }

  MemoryUnit& unit_;
  std::map<std::int64_t, Rejected> rejected_;
  std::set<std::int64_t> unforwarded_;
  std::unordered_set<std::string> message_ids_;
  std::int64_t bytes_ = 0;  ///< Of all.
};

}  // namespace

std::unique_ptr<RejectedStore> make_memory_rejected(MemoryUnit& unit) {
  return std::make_unique<MemoryRejected>(unit);
}

}  // namespace walpulse::monitor

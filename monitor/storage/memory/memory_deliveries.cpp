#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "monitor/storage/memory/memory_stores.h"

namespace walpulse::monitor {
namespace {

using State = Delivery::State;

class MemoryDeliveries final : public DeliveryStore {
 public:
  explicit MemoryDeliveries(MemoryUnit& unit) : unit_(unit) {}

  std::int64_t save(const Delivery& delivery) override {
    Delivery kept = delivery;
    const bool is_new = delivery.id == 0;
    if (is_new) kept.id = unit_.next_id();
    const std::int64_t id = kept.id;
    unit_.later([this, kept = std::move(kept), is_new] {
      if (is_new) {
        deliveries_.emplace(kept.id, kept);
        return;
      }
      const auto at = deliveries_.find(kept.id);
      if (at == deliveries_.end()) return;
      at->second.state = kept.state;
      at->second.due = kept.due;
      at->second.attempts = kept.attempts;
      at->second.repeated = kept.repeated;
      at->second.ended = kept.ended;
      at->second.expires = kept.expires;
      at->second.answer = kept.answer;
    });
    return id;
  }
  std::vector<Delivery> due(const std::string& channel, Timestamp now,
                            std::size_t count_max) override {
    std::set<std::string_view> subjects;
    std::vector<Delivery> found;
    for (const auto& [id, each] : deliveries_)
      if (each.state == State::waiting && each.channel == channel &&
          subjects.insert(each.subject).second && each.due <= now)
        found.push_back(each);
    std::ranges::sort(found, [](const Delivery& a, const Delivery& b) {
      return std::tie(a.due, a.id) < std::tie(b.due, b.id);
    });
    if (found.size() > count_max)
      found.erase(found.begin() + std::ptrdiff_t(count_max), found.end());
    return found;
  }
  std::optional<Delivery> find(std::int64_t id) override {
    const auto at = deliveries_.find(id);
    return at == deliveries_.end() ? std::nullopt : std::optional(at->second);
  }
  std::vector<Delivery> find_all(std::span<const std::int64_t> ids) override {
    std::vector<Delivery> found;
    found.reserve(ids.size());
    for (const std::int64_t id : ids) {
      const auto at = deliveries_.find(id);
      if (at == deliveries_.end()) continue;
      found.push_back(at->second);
      found.back().content.clear();
    }
    return found;
  }
  std::vector<Delivery> list(const DeliveriesAsked& asked) override {
    std::vector<Delivery> found;
    for (auto at = deliveries_.rbegin(); at != deliveries_.rend(); ++at) {
      if (found.size() == asked.count_max) break;
      const Delivery& each = at->second;
      if ((!asked.state || each.state == *asked.state) &&
          (!asked.channel || each.channel == *asked.channel) &&
          (!asked.before || each.id < *asked.before))
        found.push_back(each);
    }
    return found;
  }
  std::vector<DeliveryCount> counts() override {
    std::map<std::pair<std::string, State>, DeliveryCount> counts;
    for (const auto& [id, each] : deliveries_) {
      if (each.state != State::waiting && each.state != State::given_up) continue;
      const Timestamp since = each.state == State::waiting ? each.created : *each.ended;
      const auto [at, is_new] = counts.try_emplace(
          {each.channel, each.state}, DeliveryCount{each.channel, each.state, 0, since});
      ++at->second.count;
      at->second.oldest = std::min(at->second.oldest, since);
    }
    std::vector<DeliveryCount> found;
    found.reserve(counts.size());
    for (auto& [key, count] : counts) found.push_back(std::move(count));
    return found;
  }
  std::optional<Timestamp> last_sent(const std::string& channel) override {
    std::optional<Timestamp> last;
    for (const auto& [id, each] : deliveries_)
      if (each.state == State::sent && each.channel == channel) last = std::max(last, each.ended);
    return last;
  }
  std::vector<LastSent> sent_to(std::size_t count_max) override {
    std::map<std::string, Timestamp> last;
    for (const auto& [id, each] : deliveries_) {
      if (each.state != State::sent || !each.ended) continue;
      const auto [at, is_new] = last.try_emplace(each.channel, *each.ended);
      at->second = std::max(at->second, *each.ended);
    }
    std::vector<LastSent> found;
    found.reserve(last.size());
    for (const auto& [channel, at] : last)
      if (found.size() < count_max) found.push_back({channel, at});
    return found;
  }
  std::vector<Delivery> given_up(const std::string& channel, std::size_t count_max) override {
    return last_of(count_max, &Delivery::ended, [&](const Delivery& each) {
      return each.state == State::given_up && each.channel == channel;
    });
  }
  std::optional<Delivery> failing(const std::string& channel) override {
    const auto found = last_of(1, &Delivery::due, [&](const Delivery& each) {
      return each.state == State::waiting && each.channel == channel && each.attempts > 0 &&
             !each.answer.empty();
    });
    return found.empty() ? std::nullopt : std::optional(found.front());
  }
  std::optional<Timestamp> last_message(const std::string& channel,
                                        const std::string& subject) override {
    std::optional<Timestamp> last;
    for (const auto& [id, each] : deliveries_)
      if (each.kind == Delivery::Kind::message && each.channel == channel &&
          each.subject == subject)
        last = std::max(last, std::optional(each.created));
    return last;
  }
  std::int64_t calls_since(const std::string& channel, const std::string& key_begin,
                           Timestamp since) override {
    return std::count_if(deliveries_.begin(), deliveries_.end(), [&](const auto& each) {
      const Delivery& delivery = each.second;
      return delivery.kind == Delivery::Kind::call && delivery.channel == channel &&
             delivery.key.starts_with(key_begin) && delivery.state != State::too_old &&
             delivery.state != State::dropped && delivery.created >= since;
    });
  }
  std::size_t remove(Timestamp ended_before, std::size_t count_max) override {
    std::vector<std::pair<Timestamp, std::int64_t>> old;
    for (const auto& [id, each] : deliveries_)
      if (each.ended && *each.ended < ended_before) old.emplace_back(*each.ended, id);
    std::ranges::sort(old);
    old.resize(std::min(count_max, old.size()));
    const std::size_t count = old.size();
    unit_.later([this, old = std::move(old)] {
      for (const auto& [ended, id] : old) deliveries_.erase(id);
    });
    return count;
  }

 private:
  /// The last by a member, without their contents.
  template <class Member, class Wanted>
  std::vector<Delivery> last_of(std::size_t count_max, Member member, const Wanted& wanted) const {
    std::vector<Delivery> found;
    for (const auto& [id, each] : deliveries_)
      if (wanted(each)) found.push_back(each);
    std::ranges::sort(found, [member](const Delivery& a, const Delivery& b) {
      return std::tie(b.*member, b.id) < std::tie(a.*member, a.id);
    });
    if (found.size() > count_max)
      found.erase(found.begin() + std::ptrdiff_t(count_max), found.end());
    for (Delivery& each : found) each.content.clear();
    return found;
  }

  MemoryUnit& unit_;
  std::map<std::int64_t, Delivery> deliveries_;
};

}  // namespace

std::unique_ptr<DeliveryStore> make_memory_deliveries(MemoryUnit& unit) {
  return std::make_unique<MemoryDeliveries>(unit);
}

}  // namespace walpulse::monitor

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/problems/problem.h"

namespace walpulse::monitor {

/// That one channel is to be told one thing of one problem, at one place.
struct Notice {
  /// The numbers are stored.
  enum class Phase : std::uint8_t {
    opened = 0,
    closed = 1,
    repeated = 2,  ///< It is still open.
    found = 3,     ///< It was there at the first look; or Notice::is_greeting().
    unmuted = 4,   ///< It was muted, and is told from now on.
  };
  std::int64_t id = 0;  ///< Given by the storage; zero: not stored yet.
  std::string channel;
  std::string target;  ///< Within the channel: "#data-finance"; empty: it has one place only.
  Phase phase = Phase::opened;
  Problem problem;                       ///< As it was then.
  Timestamp noted;                       ///< By the leader's wall clock.
  std::optional<std::int64_t> delivery;  ///< Whose part it became; nothing: it waits.

  /// It is of no problem: its source was looked at for the first time.
  bool is_greeting() const { return phase == Phase::found && problem.finding.key.subject.empty(); }
  bool operator==(const Notice&) const = default;
};
inline constexpr std::size_t kNoticePhases = 5;

/// The delivery of notices that nobody needed to be told of: what they said was over by then.
inline constexpr std::int64_t kNotTold = 0;

/// What is to be told, and who was told. The leader alone writes it, under its lease.
class NoticeStore {
 public:
  virtual ~NoticeStore() = default;

  /// A channel with something to tell.
  struct Waiting {
    std::string channel;
    std::int64_t count = 0;
    Timestamp oldest;  ///< Notice::noted.
    bool operator==(const Waiting&) const = default;
  };

  /// Keeps it as a new one. The id.
  virtual std::int64_t add(const Notice& notice) = 0;
  /// The oldest `count_max` of a channel that wait, by id; only ids above `after`.
  virtual std::vector<Notice> waiting(const std::string& channel, std::size_t count_max,
                                      std::int64_t after = 0) = 0;
  /// How many of these, which are different, still wait.
  virtual std::size_t waiting_of(std::span<const std::int64_t> ids) = 0;
  /// By name.
  virtual std::vector<Waiting> channels() = 0;
  /// They wait no more: they are part of `delivery`, or of none (kNotTold).
  virtual void attach(std::span<const std::int64_t> ids, std::int64_t delivery) = 0;
  /// Whether a message is out of date: it told of problems, of no end, and none of them is open.
  virtual bool is_outdated(std::int64_t delivery) = 0;
  /// All of a problem (Problem::id), by id.
  virtual std::vector<Notice> of_problem(std::int64_t problem) = 0;
  /// Of each of these problems the newest `count_max`, the newest first. Of Notice::problem they
  /// have the id alone.
  virtual std::vector<Notice> newest_of(std::span<const std::int64_t> problems,
                                        std::size_t count_max) = 0;
  /// The oldest `count_max` of those noted before, told or not: a channel may be no more. Those of
  /// a problem that is open stay: they say who was told of it, and so who is told that it is over.
  /// How many went.
  virtual std::size_t remove(Timestamp noted_before, std::size_t count_max) = 0;
};

}  // namespace walpulse::monitor

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace walpulse::monitor {

/// How long things took, in buckets that grow by a twentieth each: a quantile read off it is within
/// 2.5 % of the true one, from a millisecond up. Histograms of parts add up to that of the whole.
class DurationHistogram {
 public:
  /// Below zero counts as zero; what is no number is left out.
  void add(double seconds);
  void add(const DurationHistogram& other);

  std::uint64_t count() const;
  /// The least duration that the fraction `q` of all is not beyond: 0.5 is the median, 0.9 nine of
  /// ten. Nothing where there are none.
  std::optional<double> quantile(double q) const;

  /// Ledgers hold such bytes: two numbers for each bucket that has any.
  std::string encoded() const;
  /// Nothing where the bytes are not what encoded() writes.
  static std::optional<DurationHistogram> decode(std::string_view bytes);

  bool operator==(const DurationHistogram&) const = default;

 private:
  std::map<std::uint32_t, std::uint64_t> buckets_;  ///< Counts, by how long.
};

}  // namespace walpulse::monitor

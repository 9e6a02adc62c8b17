#include "monitor/ledger/counting/duration_histogram.h"

#include <algorithm>
#include <cmath>

namespace walpulse::monitor {
namespace {

/// The first bucket ends there, and each of the others at 1.05 times the end of the one before.
constexpr double kFirstEnd = 0.001;
constexpr double kGrowth = 1.05;
/// Ends beyond the age of the universe: no bytes name a greater one.
constexpr std::uint32_t kBucketMost = 1'000;

std::uint32_t bucket_of(double seconds) {
  if (seconds <= kFirstEnd) return 0;
  const double bucket = std::ceil(std::log(seconds / kFirstEnd) / std::log(kGrowth));
  return static_cast<std::uint32_t>(std::min(bucket, double{kBucketMost}));
}

/// In the middle of a bucket, by ratio.
double middle_of(std::uint32_t bucket) {
  return bucket == 0 ? 0 : kFirstEnd * std::pow(kGrowth, static_cast<double>(bucket) - 0.5);
}

void append_number(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

std::optional<std::uint64_t> take_number(std::string_view& in) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

}  // namespace

void DurationHistogram::add(double seconds) {
  if (!std::isnan(seconds)) ++buckets_[bucket_of(seconds)];
}

void DurationHistogram::add(const DurationHistogram& other) {
  for (const auto& [bucket, count] : other.buckets_) buckets_[bucket] += count;
}

std::uint64_t DurationHistogram::count() const {
  std::uint64_t all = 0;
  for (const auto& [bucket, count] : buckets_) all += count;
  return all;
}

std::optional<double> DurationHistogram::quantile(double q) const {
  const std::uint64_t all = count();
  if (all == 0) return std::nullopt;
  const double wanted = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(all));
  std::uint64_t seen = 0;
  for (const auto& [bucket, count] : buckets_) {
    seen += count;
    if (static_cast<double>(seen) >= wanted) return middle_of(bucket);
  }
  return middle_of(buckets_.rbegin()->first);
}

std::string DurationHistogram::encoded() const {
  std::string bytes;
  for (const auto& [bucket, count] : buckets_) {
    append_number(bytes, bucket);
    append_number(bytes, count);
  }
  return bytes;
}

std::optional<DurationHistogram> DurationHistogram::decode(std::string_view bytes) {
  DurationHistogram histogram;
  while (!bytes.empty()) {
    const auto bucket = take_number(bytes), count = take_number(bytes);
    if (!bucket || !count || *bucket > kBucketMost || *count == 0) return std::nullopt;
    const auto number = static_cast<std::uint32_t>(*bucket);
    if (!histogram.buckets_.empty() && histogram.buckets_.rbegin()->first >= number)
      return std::nullopt;
    histogram.buckets_.emplace(number, *count);
  }
  return histogram;
}

}  // namespace walpulse::monitor

#pragma once

#include <initializer_list>
#include <memory>
#include <utility>

#include "publisher/gcp/metric.h"

namespace walpulse::monitor {

/// A set of labels that does not change, copied by reference: all marks of a run mostly have the
/// same one.
class SharedLabels {
 public:
  SharedLabels() = default;
  SharedLabels(gcp::Labels labels)
      : labels_(std::make_shared<const gcp::Labels>(std::move(labels))) {}
  SharedLabels(std::initializer_list<gcp::Labels::value_type> labels)
      : SharedLabels(gcp::Labels(labels)) {}

  const gcp::Labels& operator*() const {
    static const gcp::Labels kNone;
    return labels_ ? *labels_ : kNone;
  }
  const gcp::Labels* operator->() const { return &**this; }
  /// The same object, so that nothing need be compared.
  bool is(const SharedLabels& other) const { return labels_ == other.labels_; }
  bool operator==(const SharedLabels& other) const { return is(other) || **this == *other; }

 private:
  std::shared_ptr<const gcp::Labels> labels_;
};

}  // namespace walpulse::monitor

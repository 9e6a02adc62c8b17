#pragma once

#include <initializer_list>
#include <memory>
#include <utility>

#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// A set of labels that does not change, copied by reference: all marks of a run mostly have the
/// same one.
class SharedLabels {
 public:
  SharedLabels() = default;
  SharedLabels(telemetry::Labels labels)
      : labels_(std::make_shared<const telemetry::Labels>(std::move(labels))) {}
  SharedLabels(std::initializer_list<telemetry::Labels::value_type> labels)
      : SharedLabels(telemetry::Labels(labels)) {}

  const telemetry::Labels& operator*() const {
    static const telemetry::Labels kNone;
    return labels_ ? *labels_ : kNone;
  }
  const telemetry::Labels* operator->() const { return &**this; }
  /// The same object, so that nothing need be compared.
  bool is(const SharedLabels& other) const { return labels_ == other.labels_; }
  bool operator==(const SharedLabels& other) const { return is(other) || **this == *other; }

 private:
  std::shared_ptr<const telemetry::Labels> labels_;
};

}  // namespace walpulse::monitor

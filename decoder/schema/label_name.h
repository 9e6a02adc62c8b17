#pragma once

#include <string>
#include <string_view>

namespace walpulse::schema {

/// [a-zA-Z_][a-zA-Z0-9_]*: what Prometheus and Cloud Monitoring both take for a label's name.
bool is_label_name(std::string_view name);

/// `name` itself where it is one that metrics can have, else the nearest: whatever may not stand in
/// it is '_', a digit is not the first, it begins with no more than one '_' (two are Prometheus's
/// own: https://prometheus.io/docs/concepts/data_model/), and has 100 bytes at most (Cloud
/// Monitoring's bound: https://cloud.google.com/monitoring/quotas).
std::string label_name_of(std::string_view name);

}  // namespace walpulse::schema

#include "monitor/descriptors.h"

#include <cstdio>

#include "monitor/export/cloud_monitoring_request.h"
#include "monitor/ledger/catalogue.h"

namespace walpulse::monitor {

int descriptors(const ServeOptions& options) {
  MonitoringTarget target;
  target.metric_prefix = options.metric_prefix;
  for (const gcp::Descriptor* descriptor : all_descriptors()) {
    std::printf("%s\n", descriptor_body(*descriptor, target).c_str());
  }
  return 0;
}

}  // namespace walpulse::monitor

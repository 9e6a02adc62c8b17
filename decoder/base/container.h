#pragma once

#include "decoder/base/environment.h"

namespace walpulse {

/// Whether this process is in a container, whose loopback address nobody else reaches: podman sets
/// `container`, and so does our image; the others are those of Kubernetes and Cloud Run.
inline bool in_container(const Environment& environment) {
  for (const char* name :
       {"container", "KUBERNETES_SERVICE_HOST", "K_SERVICE", "CLOUD_RUN_WORKER_POOL"}) {
    if (!value_of(environment, name).empty()) return true;
  }
  return false;
}

}  // namespace walpulse

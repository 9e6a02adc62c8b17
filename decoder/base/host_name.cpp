#include "decoder/base/host_name.h"

#include <unistd.h>

#include <array>

namespace walpulse {

std::string host_name() {
  // POSIX allows 255 bytes, and does not promise the zero behind a name that was cut.
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data())
                                                          : std::string();
}

}  // namespace walpulse

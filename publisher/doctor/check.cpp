#include "publisher/doctor/check.h"

namespace walpulse::doctor {

Check failed(const std::string& name, const Error& error, const std::string& otherwise) {
  return {name, Check::Level::fail, error.message, error.remedy.empty() ? otherwise : error.remedy,
          false};
}

}  // namespace walpulse::doctor

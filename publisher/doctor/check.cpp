#include "publisher/doctor/check.h"

namespace walpulse::doctor {

Check failed(const std::string& name, const Error& error, const std::string& otherwise) {
  return {name, Check::Level::fail, error.message, error.remedy.empty() ? otherwise : error.remedy,
          false};
}

Check ok(const std::string& name, const std::string& finding) {
  return {name, Check::Level::ok, finding};
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace walpulse::doctor

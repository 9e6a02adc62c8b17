#include <string>

#include "connector/options/options.h"
#include "publisher/config/config_file.h"
#include "tests/fuzz/fuzz.h"

// Input: a configuration file, read by itself and as the connector reads it.

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace walpulse;
  const std::string text(fuzz::text(data, size));
  const auto entries = config::parse_config(text);
  if (!entries) {
    fuzz::require(entries.error().kind == ErrorKind::malformed, "bad TOML is malformed");
    return 0;
  }
  for (const auto& entry : *entries) fuzz::require(entry.line > 0, "a setting has a line");
  config::Sources sources;
  sources.environment = [](const char*) -> const char* { return nullptr; };
  sources.read_file = [&](const std::string&) -> Result<std::optional<std::string>> {
    return text;
  };
  const auto invocation = connector::parse_command_line(
      {"run", "--config", "connector.toml", "--to", "stdout"}, sources);
  if (invocation) {
    connector::validate(*invocation);
  } else {
    const auto& [code, problems] = invocation.error();
    fuzz::require(code == 78 || code == 64, "a bad file is a usage error");
    fuzz::require(!problems.empty(), "a usage error says what is wrong");
  }
  return 0;
}

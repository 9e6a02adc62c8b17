#include "connector/options/options.h"

#include "connector/options/settings.h"
#include "decoder/base/container.h"

namespace walpulse::connector {

std::string anchor_slot(const SourceOptions& source) { return source.slot + kAnchorSuffix; }

tl::expected<Invocation, config::Exit> parse_command_line(const std::vector<std::string>& arguments,
                                                          const config::Sources& sources) {
  auto given = config::gather(program(), arguments, sources);
  if (!given) return tl::unexpected(given.error());
  Invocation invocation;
  invocation.command = static_cast<Command>(given->command());
  invocation.arguments = arguments;
  if (in_container(sources.environment)) invocation.run.http_address = "0.0.0.0";
  return config::understand(*std::move(given), settings(), std::move(invocation), validate);
}

}  // namespace walpulse::connector

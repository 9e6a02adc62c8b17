#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "monitor/api/api_error.h"
#include "monitor/api/api_json.h"
#include "monitor/api/parameters.h"
#include "monitor/ledger/leader_election.h"
#include "monitor/reading/pipeline_directory.h"
#include "monitor/rules/rule_book.h"

namespace walpulse::monitor::api {

/// What the process that answers says of itself.
struct MonitorFacts {
  std::string instance;
  Timestamp started;
  std::string ledger;      ///< Without address and password.
  std::string listens_on;  ///< Empty: to nothing.
  Leadership leadership;
  bool judges = true;  ///< It may lead: of one that never does a missing leader is not known.
  std::vector<std::string> warnings;
};

/// What one request looks at: one picture of the ledger.
struct Scene {
  Transaction& in;
  const Context& context;
  const reading::Directory& directory;
  const rules::RuleBook& book;
  const rules::RuleBook::InForce& rules;
  const Links& links;
  const MonitorFacts& monitor;
  Timestamp now;
};

/// One request, read as far as its path.
struct Question {
  Parameters& parameters;
  std::string id;  ///< Of paths that end with one, decoded.
};

struct Content {
  std::string body;
  std::string type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
};
Content content_of(const Json& json);

/// As of when the answer is: of one source, or of the one that is furthest behind.
std::optional<Timestamp> as_of(const Scene& scene, const std::optional<std::string>& source);
/// as_of and behind_seconds, with which every answer begins.
Json head(const Scene& scene, const std::optional<std::string>& source);
/// A whole list of items that are texts already, between commas.
std::string list_text(const Scene& scene, const std::optional<std::string>& source,
                      std::string_view items, const std::optional<std::string>& next);
Json list_head(const Scene& scene, const std::optional<std::string>& source, Json items,
               const std::optional<std::string>& next);

/// The parameter `source`: latches bad_value for one that is not known.
std::optional<std::string> source_of(const Scene& scene, Parameters& parameters);

/// `SOURCE:NAME` of a known source.
struct NamedId {
  std::string source;
  std::string name;
};
/// The id at the end of a path. A bare number is refused with the sources named.
Answer<NamedId> read_id(const Scene& scene, const std::string& id);
/// The same where the name is a number.
struct NumberedId {
  std::string source;
  std::int64_t number = 0;
};
Answer<NumberedId> read_numbered_id(const Scene& scene, const std::string& id);

/// The parameter `pipeline`, `SOURCE:NAME` or a name: latches bad_value for one that no source
/// has.
struct PipelineFilter {
  std::optional<std::string> source;
  std::optional<std::string> name;
};
PipelineFilter pipeline_filter(const Scene& scene, Parameters& parameters);

/// A text of a parameter, as lists filter names by it; empty: it is not there.
std::string text_filter(Parameters& parameters);

/// A list of problems, with all that is told of each.
Json problems_json(const Scene& scene, std::vector<reading::ProblemView> views);
Json monitor_json(const Scene& scene);
/// What stands in amber at the head of every view.
Json notices_json(const Scene& scene);
Json teams_json(const Scene& scene, const std::optional<std::string>& source);

}  // namespace walpulse::monitor::api

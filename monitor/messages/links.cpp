#include "monitor/messages/links.h"

#include "monitor/messages/subject_names.h"
#include "monitor/notify/mage_link.h"
#include "publisher/http/url_encoding.h"

namespace walpulse::monitor::messages {
namespace {

/// Of a longer one, which only a hostile name makes, no receiver makes a link.
constexpr std::size_t kUrlBytesMax = 2'000;

/// As the API's objects are called.
std::string id_of(const Problem& problem, const std::string& name) {
  return http::percent_encoded(problem.finding.key.source + ':' + name);
}

void add(std::vector<Link>& to, std::vector<Link> more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

std::vector<Link> page_link(const MessageContext& context, const std::string& text,
                            const std::string& path) {
  if (context.page_url.empty()) return {};
  std::string base = context.page_url;
  while (base.ends_with('/')) base.pop_back();
  return {{text, base + path}};
}

std::vector<Link> links_of(const Problem& problem, const Facts& facts,
                           const MessageContext& context) {
  const std::string id = id_of(problem, std::to_string(problem.id));
  std::vector<Link> links;
  if (context.details == Details::none) return page_link(context, "Open", "/?problem=" + id);
  const std::string pipeline = pipeline_of(problem.finding);
  if (pipeline.empty()) return page_link(context, "Pipe", "/pipe");
  std::string run(said(problem.finding, "run"));
  if (facts.run) run = std::to_string(*facts.run);
  if (!context.mage_url.empty() && !run.empty())
    links.push_back({"Run in Mage", run_link(context.mage_url, pipeline, run)});
  add(links, page_link(context, "History", "/pipelines/" + id_of(problem, pipeline)));
  const std::string runbook(said(problem.finding, "runbook"));
  if (runbook.starts_with("https://") || runbook.starts_with("http://"))
    links.push_back({"Runbook", runbook});
  if (!problem.closed) add(links, page_link(context, "Mute", "/?mute=" + id));
  std::erase_if(links, [](const Link& link) { return link.url.size() > kUrlBytesMax; });
  return links;
}

}  // namespace walpulse::monitor::messages

#include "connector/catalog/base_types.h"

#include <memory>

#include "connector/catalog/catalog.h"

namespace walpulse::connector {
namespace {

using Clock = std::chrono::steady_clock;

/// The stream waits for the answer.
constexpr std::chrono::milliseconds kAnswerTimeout{5'000};
constexpr std::chrono::minutes kGoneFor{1};

struct Memory {
  BaseTypes known;
  std::map<Oid, Clock::time_point> gone;  ///< When that was said.
};

}  // namespace

BaseTypeFinder remembering(BaseTypes known, BaseTypeFinder ask,
                           std::function<Clock::time_point()> now) {
  return [memory = std::make_shared<Memory>(Memory{std::move(known), {}}), ask = std::move(ask),
          now = std::move(now)](Oid type) -> Result<std::optional<Oid>> {
    if (const auto found = memory->known.find(type); found != memory->known.end()) {
      return found->second;
    }
    const auto said = memory->gone.find(type);
    if (said != memory->gone.end() && now() - said->second < kGoneFor) return std::optional<Oid>();
    auto answer = ask(type);
    if (answer && *answer) memory->known.emplace(type, **answer);
    if (answer && !*answer) memory->gone[type] = now();
    return answer;
  };
}

BaseTypeFinder base_type_finder(const std::string& dsn, BaseTypes known) {
  return remembering(std::move(known), [dsn](Oid type) -> Result<std::optional<Oid>> {
    const auto catalog = Catalog::open(dsn, kAnswerTimeout);
    if (!catalog) return forward(catalog);
    const auto asked = (*catalog)->base_types(Oid{}, type);
    if (!asked) return forward(asked);
    const auto found = asked->find(type);
    return found == asked->end() ? std::optional<Oid>() : found->second;
  });
}

}  // namespace walpulse::connector

#include "connector/catalog/base_types.h"

#include <memory>

#include "connector/catalog/catalog.h"

namespace walpulse::connector {
namespace {

/// The stream waits for the answer.
constexpr std::chrono::milliseconds kAnswerTimeout{5'000};

}  // namespace

std::function<Result<std::optional<Oid>>(Oid type)> base_type_finder(const std::string& dsn,
                                                                     BaseTypes known) {
  return [dsn, types = std::make_shared<BaseTypes>(std::move(known))](
             Oid type) -> Result<std::optional<Oid>> {
    if (const auto found = types->find(type); found != types->end()) return found->second;
    const auto catalog = Catalog::open(dsn, kAnswerTimeout);
    if (!catalog) return tl::unexpected<Error>(catalog.error());
    auto asked = (*catalog)->base_types(Oid{}, type);
    if (!asked) return tl::unexpected<Error>(asked.error());
    const auto found = asked->find(type);
    if (found == asked->end()) return std::optional<Oid>();
    types->insert(*found);
    return found->second;
  };
}

}  // namespace walpulse::connector

#include "decoder/pgoutput/home.h"

#include <algorithm>
#include <array>

#include "decoder/base/type_oids.h"
#include "decoder/mage/run_cells.h"

namespace walpulse::decoder {
namespace {

constexpr std::array<std::string_view, 3> kSecrets = {"token", "secret", "password"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_in_any_case(std::string_view text, std::string_view word) {
  return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                    [](char a, char b) { return lower(a) == b; });
}

bool is_secret_word(std::string_view word) {
  return std::any_of(kSecrets.begin(), kSecrets.end(), [word](std::string_view secret) {
    if (is_in_any_case(word, secret)) return true;
    return !word.empty() && lower(word.back()) == 's' &&
           is_in_any_case(word.substr(0, word.size() - 1), secret);
  });
}

bool contains(const auto& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Mage's own enum is such a type once it was replaced: without the status no run is counted.
bool is_of_unknown_type(const schema::Table::Column& column) {
  return column.type == kUnknownOid && !contains(mage::kRunColumns, column.name);
}

}  // namespace

bool is_secret_name(std::string_view name) {
  for (;;) {
    const std::size_t end = name.find('_');
    if (is_secret_word(name.substr(0, end))) return true;
    if (end == std::string_view::npos) return false;
    name.remove_prefix(end + 1);
  }
}

bool stays_home(const schema::Table::Column& column, const TableOptions& options) {
  if (contains(options.never, column.name)) return true;
  const bool wary =
      is_json(column.type) || is_of_unknown_type(column) || is_secret_name(column.name);
  return wary && !contains(options.columns, column.name);
}

bool is_withheld(const schema::Table::Column& column, const TableOptions& options) {
  return is_of_unknown_type(column) && !is_secret_name(column.name) &&
         !contains(options.columns, column.name) && !contains(options.never, column.name);
}

}  // namespace walpulse::decoder

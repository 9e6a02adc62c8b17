#include "decoder/home.h"

#include <algorithm>
#include <array>

#include "decoder/schema/type_oids.h"

namespace walpulse::decoder {
namespace {

constexpr std::array<std::string_view, 3> kSecrets = {"token", "secret", "password"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_in_any_case(std::string_view text, std::string_view word) {
  return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                    [](char a, char b) { return lower(a) == b; });
}

}  // namespace

bool is_secret_name(std::string_view name) {
  return std::any_of(kSecrets.begin(), kSecrets.end(), [name](std::string_view word) {
    if (name.size() < word.size()) return false;
    const std::size_t begin = name.size() - word.size();
    return is_in_any_case(name.substr(begin), word) && (begin == 0 || name[begin - 1] == '_');
  });
}

bool stays_home(const schema::Table::Column& column, const std::vector<std::string>& let_out) {
  const bool wary = schema::is_json(column.type) || column.type == schema::kUnknownOid ||
                    is_secret_name(column.name);
  return wary && std::find(let_out.begin(), let_out.end(), column.name) == let_out.end();
}

}  // namespace walpulse::decoder

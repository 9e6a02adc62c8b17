#include "decoder/pgoutput/builtin_types.h"

#include <algorithm>
#include <array>

#include "decoder/base/type_oids.h"

namespace walpulse::decoder {
namespace {

struct Named {
  std::string_view name;
  Oid type;
};

/// As in PostgreSQL's src/include/catalog/pg_type.dat.
constexpr std::array kTypes{Named{"bool", kBoolOid},       Named{"int2", kInt2Oid},
                            Named{"int4", kInt4Oid},       Named{"int8", kInt8Oid},
                            Named{"float4", Oid{700}},     Named{"float8", Oid{701}},
                            Named{"numeric", Oid{1700}},   Named{"text", kTextOid},
                            Named{"varchar", Oid{1043}},   Named{"bpchar", Oid{1042}},
                            Named{"uuid", Oid{2950}},      Named{"date", Oid{1082}},
                            Named{"time", Oid{1083}},      Named{"interval", Oid{1186}},
                            Named{"timestamp", Oid{1114}}, Named{"timestamptz", kTimestamptzOid},
                            Named{"json", kJsonOid},       Named{"jsonb", kJsonbOid},
                            Named{"_json", kJsonArrayOid}, Named{"_jsonb", kJsonbArrayOid}};

}  // namespace

std::optional<Oid> builtin_type(std::string_view name) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [name](const Named& known) { return known.name == name; });
  return found == kTypes.end() ? std::nullopt : std::optional(found->type);
}

}  // namespace walpulse::decoder

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "decoder/schema/attributes.h"
#include "decoder/schema/change_event.h"

namespace walpulse::schema {

/// CloudEvents 1.0 binary mode (`ce-specversion ce-id ce-source ce-type ce-time ce-subject
/// content-type`), then `op table pipeline_uuid status schema_version replay` and the labels by
/// their own names. Attributes whose value the row does not hold are left out; a value over the
/// limit is cut at a character, an `ce-id` over it keeps its last 1,024 bytes (the position).
void write_message_attributes(const ChangeEvent& event, bool replay, AttributesJson& attributes);
AttributesJson message_attributes(const ChangeEvent& event, bool replay);

/// True for names that message_attributes uses itself or that Pub/Sub keeps for Google
/// ("goog..."): `--label` refuses them.
bool is_reserved_attribute(std::string_view name);

/// `<schema>.<table>/<FNV-1a(value) mod keys>`, `value` being that of the table's order column
/// where the row holds it, else the primary key; empty where `keys` is 0. A bounded set of keys
/// keeps each run's order and still fills batches. Of a changed key the delete has the old one's,
/// the insert the new one's.
std::string ordering_key(const ChangeEvent& event, unsigned keys);

/// The longest prefix of `text` of at most `bytes_max` bytes that does not cut a UTF-8 character.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

}  // namespace walpulse::schema

#pragma once

#include <string_view>

#include "decoder/pgoutput/table_options.h"
#include "decoder/schema/change_event.h"

namespace walpulse::decoder {

/// Whether a column's name says that it holds a secret: token, secret, password, of one or several,
/// in any case, anywhere between underscores as in api_token and password_hash.
bool is_secret_name(std::string_view name);

/// Whether a column's values stay with the database: JSON, where secrets hide, a type that nobody
/// knows (but for the columns that the metrics need), and what its name calls a secret, unless the
/// options' `columns` let it out; and whatever they say never leaves.
bool stays_home(const schema::Table::Column& column, const TableOptions& options);

/// Whether only that nobody knows its type keeps the column home.
bool is_withheld(const schema::Table::Column& column, const TableOptions& options);

}  // namespace walpulse::decoder

#pragma once

#include <string_view>

#include "decoder/schema/result.h"

namespace walpulse::connector {

/// What the SQLSTATE of a failed statement means for whoever asked: unavailable for the classes 08
/// (connection), 53 (a full server) and 57P (the operator's intervention: 57P01 shutdown, 57P03 not
/// yet up), which pass; timed_out for 57014, our own statement_timeout; else rejected. Pure.
ErrorKind kind_of_sqlstate(std::string_view sqlstate);

}  // namespace walpulse::connector

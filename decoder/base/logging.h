#pragma once

#include <spdlog/spdlog.h>

/// How every module logs: SPDLOG_INFO and its siblings. See publisher/telemetry/log.h for what a
/// line says.

#if FMT_VERSION < 100000 && !defined(FMT_HEADER_ONLY)
// libfmt holds the formatter; without this, fmt 9 compiles all of it again in every source that
// logs (2.4 of parking.cpp's 3.7 seconds).
extern template void fmt::detail::vformat_to<char>(buffer<char>&, basic_string_view<char>,
                                                   format_args, locale_ref);
#endif

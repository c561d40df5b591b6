#include "cli/timestamp_text.hpp"

#include "base/time_text.hpp"

namespace rb::cli {

std::string rfc3339(core::Timestamp time) {
    std::string text;
    append_date_time(time, 'T', text);
    text += 'Z';
    return text;
}

}  // namespace rb::cli

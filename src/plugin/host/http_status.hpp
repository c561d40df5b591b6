// http::StatusCode: what scripts see of an answer's status.

#pragma once

#include "rune/embed.hpp"

#include <cstdint>

namespace rb::plugin {

struct HttpStatus {
    std::uint16_t code;
};

void declare_http_status(rune::Module& http);

}  // namespace rb::plugin

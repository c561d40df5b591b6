// Base64 (RFC 4648, 4): binary metadata and grpc-web-text bodies.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rb::transport {

enum class Padding { with, without };

std::string base64_encode(std::string_view bytes, Padding padding = Padding::with);
// Appends the encoding, padded, to `out`.
void base64_append(std::string_view bytes, std::string& out);
// One run, padded or not. nullopt when it is not base64.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace rb::transport

// UTF-8 and the few properties of characters the language needs.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rb::rune {

// The scalar at `offset` and its length in bytes; nothing when there is no valid one.
struct DecodedScalar {
    char32_t scalar;
    std::uint32_t length;
};
std::optional<DecodedScalar> decode_scalar(std::string_view text, std::size_t offset);
void append_scalar(std::string& text, char32_t scalar);
bool is_valid_utf8(std::string_view text);
// Bytes in front of the first that is no UTF-8.
std::size_t valid_utf8_prefix(std::string_view text);
inline bool is_scalar(std::uint64_t number) {
    return number < 0xD800 || (number > 0xDFFF && number <= 0x10FFFF);
}
// Whether `offset` does not stand inside a character.
inline bool is_boundary(std::string_view text, std::size_t offset) {
    return offset == text.size() || (offset < text.size() && (text[offset] & 0xC0) != 0x80);
}
std::size_t count_scalars(std::string_view text);

// Approximations of the Unicode properties by the C library's tables in the C.UTF-8 locale.
bool is_alphabetic(char32_t scalar);
bool is_numeric(char32_t scalar);
bool is_whitespace(char32_t scalar);
bool is_uppercase(char32_t scalar);
bool is_lowercase(char32_t scalar);
bool is_control(char32_t scalar);
// What a debug form shows as it stands: no control, no blank but the space, nothing without a shape
// of its own (format characters, private and unassigned ones, the common combining marks).
bool is_printable(char32_t scalar);
char32_t to_lower(char32_t scalar);
char32_t to_upper(char32_t scalar);
std::string to_lowercase(std::string_view text);
std::string to_uppercase(std::string_view text);
bool is_identifier_start(char32_t scalar);
bool is_identifier_continue(char32_t scalar);

}  // namespace rb::rune

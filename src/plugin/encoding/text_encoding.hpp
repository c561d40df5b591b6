// Bytes as text: base64, hex, percent-encoding, form bodies. Decoders are strict: what is malformed
// is an error naming the rule, never a guess. Thread-safe.

#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rb::plugin {

// RFC 4648: standard (section 4, padded) and URL-safe (section 5, without padding).
enum class Base64Form { standard, url_safe };
std::string base64_encode(std::string_view bytes, Base64Form form = Base64Form::standard);
// Takes both alphabets; padding may be missing but not wrong.
// ERRORS: invalid_argument
Result<std::string> base64_decode(std::string_view text);

// Lower case.
std::string hex_encode(std::string_view bytes);
// Takes either case. ERRORS: invalid_argument
Result<std::string> hex_decode(std::string_view text);

// RFC 3986: everything but the unreserved characters, in upper-case hexadecimal.
std::string url_encode(std::string_view text);
// ERRORS: invalid_argument  a '%' without two hexadecimal digits
Result<std::string> url_decode(std::string_view text);

using FieldList = std::vector<std::pair<std::string, std::string>>;

// application/x-www-form-urlencoded, in the order given; a space becomes '+'.
std::string form_encode(const FieldList& fields);
// In the order found; '+' is a space; repeated names stay repeated.
// ERRORS: invalid_argument  malformed, or more than form_fields_max fields
Result<FieldList> form_decode(std::string_view text);

// The longest front of a UTF-8 text that has at most so many bytes and ends with a whole character.
std::string_view front_of(std::string_view text, std::size_t bytes_max);

}  // namespace rb::plugin
